/** How GitLab's API writes accounts, labels, issues, notes and events as JSON. */
import type {
  Account,
  Issue,
  IssueLink,
  Label,
  LabelEvent,
  Note,
  Project,
  State,
  StateEvent,
} from './state.ts';

type Shape = Record<string, unknown>;

export function projectUrl(state: State, project: Project): string {
  return `${state.url}/${project.path}`;
}

export function webUrl(state: State, issue: Issue): string {
  return `${projectUrl(state, issue.project)}/-/issues/${issue.iid}`;
}

export function accountShape(state: State, account: Account): Shape {
  return {
    id: account.id,
    username: account.username,
    public_email: null,
    name: account.name,
    state: 'active',
    locked: false,
    avatar_url: null,
    web_url: `${state.url}/${account.username}`,
  };
}

/** The account as `GET /user` shows it to itself. */
export function ownAccountShape(state: State, account: Account): Shape {
  return {
    ...accountShape(state, account),
    created_at: account.createdAt,
    bio: '',
    location: null,
    linkedin: '',
    twitter: '',
    discord: '',
    website_url: '',
    github: '',
    job_title: '',
    pronouns: null,
    organization: null,
    bot: account.bot,
    work_information: null,
    local_time: null,
    last_sign_in_at: null,
    confirmed_at: account.createdAt,
    last_activity_on: account.createdAt.slice(0, 10),
    email: `${account.username}@example.test`,
    theme_id: 3,
    color_scheme_id: 1,
    projects_limit: 100_000,
    current_sign_in_at: null,
    identities: [],
    can_create_group: true,
    can_create_project: true,
    two_factor_enabled: true,
    external: false,
    private_profile: false,
    commit_email: `${account.username}@example.test`,
    preferred_language: 'en',
  };
}

export function labelShape(project: Project, label: Label): Shape {
  const inside = [...project.issues.values()].filter((issue) => issue.labels.includes(label));
  const open = inside.filter((issue) => issue.state === 'opened').length;
  return {
    ...labelDetails(label),
    open_issues_count: open,
    closed_issues_count: inside.length - open,
    open_merge_requests_count: 0,
    subscribed: false,
    priority: null,
    is_project_label: true,
  };
}

function labelDetails(label: Label): Shape {
  return {
    id: label.id,
    name: label.name,
    description: label.description,
    description_html: label.description ?? '',
    text_color: '#FFFFFF',
    color: label.color,
    archived: false,
  };
}

/** An issue; the parts at its end are only in single answers and lists, not inside links. */
export function issueShape(state: State, issue: Issue, withLabelDetails = false): Shape {
  const { project } = issue;
  const api = `${state.url}/api/v4/projects/${project.id}`;
  return {
    ...basicIssueShape(state, issue, withLabelDetails),
    has_tasks: false,
    task_status: '0 of 0 checklist items completed',
    _links: {
      self: `${api}/issues/${issue.iid}`,
      notes: `${api}/issues/${issue.iid}/notes`,
      award_emoji: `${api}/issues/${issue.iid}/award_emoji`,
      project: api,
      closed_as_duplicate_of: null,
    },
    references: {
      short: `#${issue.iid}`,
      relative: `#${issue.iid}`,
      full: `${project.path}#${issue.iid}`,
    },
    severity: 'UNKNOWN',
    moved_to_id: issue.movedToId,
    imported: false,
    imported_from: 'none',
    service_desk_reply_to: null,
    ...(state.enterprise ? { epic_iid: null, epic: null, iteration: null, health_status: null } : {}),
  };
}

function basicIssueShape(state: State, issue: Issue, withLabelDetails = false): Shape {
  const [first] = issue.assignees;
  return {
    id: issue.id,
    iid: issue.iid,
    project_id: issue.project.id,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: issue.closedBy === null ? null : accountShape(state, issue.closedBy),
    labels: issue.labels
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map((label) => (withLabelDetails ? labelDetails(label) : label.name)),
    milestone: null,
    assignees: issue.assignees.map((each) => accountShape(state, each)),
    author: accountShape(state, issue.author),
    type: issue.type.toUpperCase(),
    assignee: first === undefined ? null : accountShape(state, first),
    user_notes_count: issue.notes.filter(({ system }) => !system).length,
    merge_requests_count: 0,
    upvotes: 0,
    downvotes: 0,
    start_date: null,
    due_date: issue.dueDate,
    confidential: issue.confidential,
    discussion_locked: issue.discussionLocked ? true : null,
    issue_type: issue.type,
    web_url: webUrl(state, issue),
    time_stats: {
      time_estimate: 0,
      total_time_spent: 0,
      human_time_estimate: null,
      human_total_time_spent: null,
    },
    task_completion_status: { count: 0, completed_count: 0 },
    ...(state.enterprise ? { weight: issue.weight, blocking_issues_count: 0 } : {}),
  };
}

export function noteShape(state: State, issue: Issue, note: Note): Shape {
  return {
    id: note.id,
    type: null,
    body: note.body,
    author: accountShape(state, note.author),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    system: note.system,
    noteable_id: issue.id,
    noteable_type: 'Issue',
    project_id: issue.project.id,
    resolvable: false,
    confidential: note.internal,
    internal: note.internal,
    imported: false,
    imported_from: 'none',
    noteable_iid: issue.iid,
    commands_changes: {},
  };
}

export function stateEventShape(state: State, issue: Issue, event: StateEvent): Shape {
  return {
    id: event.id,
    user: accountShape(state, event.user),
    created_at: event.createdAt,
    resource_type: 'Issue',
    resource_id: issue.id,
    source_commit: null,
    source_merge_request_id: null,
    state: event.state,
  };
}

export function labelEventShape(state: State, issue: Issue, event: LabelEvent): Shape {
  return {
    id: event.id,
    user: accountShape(state, event.user),
    created_at: event.createdAt,
    resource_type: 'Issue',
    resource_id: issue.id,
    label: labelDetails(event.label),
    action: event.action,
  };
}

/** A link as the answer to making it shows it. */
export function linkShape(state: State, link: IssueLink): Shape {
  return {
    id: link.id,
    source_issue: basicIssueShape(state, link.source),
    target_issue: basicIssueShape(state, link.target),
    link_type: link.type,
  };
}

/** The other end of a link, seen from one of its issues. */
export function relatedShape(state: State, issue: Issue, link: IssueLink): Shape {
  const isSource = link.source === issue;
  return {
    ...issueShape(state, isSource ? link.target : link.source),
    issue_link_id: link.id,
    link_type: link.type === 'blocks' && !isSource ? 'is_blocked_by' : link.type,
    link_created_at: link.createdAt,
    link_updated_at: link.createdAt,
  };
}
