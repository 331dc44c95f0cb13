/** How GitHub writes accounts, labels, issues, comments and events as JSON. */
import { permissionOf, reaches } from './accounts.ts';
import { childrenOf } from './issue-acts.ts';
import { fullName } from './repository-acts.ts';
import type { Account, Comment, Issue, IssueEvent, Label, Milestone, Repository, State } from './state.ts';

type Shape = Record<string, unknown>;

/** The address of a repository in the API. */
export function repositoryUrl(state: State, repository: Repository): string {
  return `${state.url}/api/v3/repos/${fullName(repository)}`;
}

export function htmlUrl(state: State, issue: Issue): string {
  const noun = issue.isPullRequest ? 'pull' : 'issues';
  return `${state.url}/${fullName(issue.repository)}/${noun}/${issue.number}`;
}

export function accountShape(state: State, account: Account): Shape {
  const url = `${state.url}/api/v3/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${state.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: pageOf(state, account),
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** The page of an account; that of an App is the App's. */
export function pageOf(state: State, { type, login }: Account): string {
  return type === 'Bot' ? `${state.url}/apps/${login.replace('[bot]', '')}` : `${state.url}/${login}`;
}

/** The account as `GET /user` shows it to itself. */
export function ownAccountShape(state: State, account: Account): Shape {
  return {
    ...accountShape(state, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    notification_email: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  };
}

export function labelShape(state: State, repository: Repository, label: Label): Shape {
  return {
    id: label.id,
    node_id: label.nodeId,
    url: `${repositoryUrl(state, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

export function milestoneShape(state: State, repository: Repository, milestone: Milestone): Shape {
  const url = `${repositoryUrl(state, repository)}/milestones/${milestone.number}`;
  const inside = [...repository.issues.values()].filter((issue) => issue.milestone === milestone);
  return {
    url,
    html_url: `${state.url}/${fullName(repository)}/milestone/${milestone.number}`,
    labels_url: `${url}/labels`,
    id: milestone.id,
    node_id: milestone.nodeId,
    number: milestone.number,
    title: milestone.title,
    description: null,
    creator: accountShape(state, milestone.creator),
    open_issues: inside.filter((issue) => issue.state === 'open').length,
    closed_issues: inside.filter((issue) => issue.state === 'closed').length,
    state: 'open',
    created_at: milestone.createdAt,
    updated_at: milestone.createdAt,
    due_on: milestone.dueOn,
    closed_at: null,
  };
}

/** What an account is to a repository, as shown beside what it wrote. */
function associationOf(repository: Repository, account: Account): string {
  if (account === repository.owner) return 'OWNER';
  return reaches(permissionOf(repository, account), 'triage') ? 'COLLABORATOR' : 'NONE';
}

function reactions(url: string): Shape {
  const none = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url: `${url}/reactions`, total_count: 0, ...none };
}

export function issueShape(state: State, issue: Issue): Shape {
  const { repository } = issue;
  const url = `${repositoryUrl(state, repository)}/issues/${issue.number}`;
  const html = htmlUrl(state, issue);
  const pull = `${repositoryUrl(state, repository)}/pulls/${issue.number}`;
  const assignees = issue.assignees.map((account) => accountShape(state, account));
  return {
    url,
    repository_url: repositoryUrl(state, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    title: issue.title,
    user: accountShape(state, issue.author),
    labels: issue.labels.map((label) => labelShape(state, repository, label)),
    state: issue.state,
    locked: false,
    assignee: assignees[0] ?? null,
    assignees,
    milestone: issue.milestone === null ? null : milestoneShape(state, repository, issue.milestone),
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: associationOf(repository, issue.author),
    active_lock_reason: null,
    ...(issue.isPullRequest
      ? {
          draft: false,
          pull_request: {
            url: pull,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: null,
          },
        }
      : {}),
    body: issue.body,
    reactions: reactions(url),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: issue.stateReason,
    ...(state.knowsSubIssues() && !issue.isPullRequest ? hierarchyOf(state, issue) : {}),
  };
}

function hierarchyOf(state: State, issue: Issue): Shape {
  const children = childrenOf(state, issue);
  const completed = children.filter((child) => child.state === 'closed').length;
  const percent = children.length === 0 ? 0 : Math.round((completed / children.length) * 100);
  const { parent } = issue;
  return {
    sub_issues_summary: { total: children.length, completed, percent_completed: percent },
    ...(parent === null
      ? {}
      : { parent_issue_url: `${repositoryUrl(state, parent.repository)}/issues/${parent.number}` }),
  };
}

/** One issue by itself also says who closed it. */
export function wholeIssueShape(state: State, issue: Issue): Shape {
  const closer = issue.closedBy === null ? null : accountShape(state, issue.closedBy);
  return { ...issueShape(state, issue), closed_by: closer };
}

export function commentShape(state: State, issue: Issue, comment: Comment): Shape {
  const root = repositoryUrl(state, issue.repository);
  const url = `${root}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${htmlUrl(state, issue)}#issuecomment-${comment.id}`,
    issue_url: `${root}/issues/${issue.number}`,
    id: comment.id,
    node_id: comment.nodeId,
    user: accountShape(state, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(issue.repository, comment.author),
    body: comment.body,
    reactions: reactions(url),
    performed_via_github_app: null,
  };
}

export function eventShape(state: State, issue: Issue, event: IssueEvent): Shape {
  return {
    id: event.id,
    node_id: event.nodeId,
    url: `${repositoryUrl(state, issue.repository)}/issues/events/${event.id}`,
    actor: accountShape(state, event.actor),
    event: event.event,
    commit_id: null,
    commit_url: null,
    created_at: event.createdAt,
    performed_via_github_app: null,
    ...(event.label === undefined ? {} : { label: { name: event.label.name, color: event.label.color } }),
    ...(event.assignee === undefined
      ? {}
      : { assignee: accountShape(state, event.assignee), assigner: accountShape(state, event.actor) }),
    ...(event.rename === undefined ? {} : { rename: event.rename }),
    ...(event.event === 'closed' ? { state_reason: event.stateReason ?? null } : {}),
  };
}
