import { createHmac } from 'node:crypto';
import { accountHookShape, hookTime, labelHookShape, projectHookShape } from './payload-shapes.ts';
import { webUrl } from './shapes.ts';
import type { Hook, Issue, Note, Notice, Project, State } from './state.ts';
import { isSince } from './state.ts';

type Shape = Record<string, unknown>;

/** What the header calls the event, the log its trigger, and the API the field that switches it on. */
export interface Kind {
  event: string;
  trigger: string;
  field: string;
}

const KINDS = {
  issue: { event: 'Issue Hook', trigger: 'issue_hooks', field: 'issues_events' },
  confidentialIssue: {
    event: 'Confidential Issue Hook',
    trigger: 'confidential_issue_hooks',
    field: 'confidential_issues_events',
  },
  note: { event: 'Note Hook', trigger: 'note_hooks', field: 'note_events' },
  confidentialNote: {
    event: 'Confidential Note Hook',
    trigger: 'confidential_note_hooks',
    field: 'confidential_note_events',
  },
} as const satisfies Record<string, Kind>;

export function kindOf({ kind, issue, note }: Notice): Kind {
  if (kind === 'issue') return issue.confidential ? KINDS.confidentialIssue : KINDS.issue;
  return issue.confidential || note?.internal === true ? KINDS.confidentialNote : KINDS.note;
}

/** The payload that hooks get for something that happened, as it is at this moment. */
export function payloadOf(state: State, notice: Notice): Shape {
  return notice.note === undefined ? issuePayload(state, notice) : notePayload(state, notice, notice.note);
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#work-item-events */
function issuePayload(state: State, { issue, project, actor, action, changes }: Notice): Shape {
  return {
    object_kind: 'issue',
    event_type: issue.confidential ? 'confidential_issue' : 'issue',
    user: accountHookShape(actor),
    project: projectHookShape(state, project),
    object_attributes: { ...issueAttributes(state, issue), action },
    labels: issue.labels.map((label) => labelHookShape(project, label)),
    changes: changes ?? {},
    repository: repositoryOf(state, project),
    ...(issue.assignees.length === 0 ? {} : { assignees: issue.assignees.map(accountHookShape) }),
  };
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#comment-events */
function notePayload(state: State, { issue, project, actor, action }: Notice, note: Note): Shape {
  return {
    object_kind: 'note',
    event_type: issue.confidential || note.internal ? 'confidential_note' : 'note',
    user: accountHookShape(actor),
    project_id: project.id,
    project: projectHookShape(state, project),
    object_attributes: {
      attachment: null,
      author_id: note.author.id,
      change_position: null,
      commit_id: null,
      created_at: hookTime(note.createdAt),
      discussion_id: String(note.id),
      id: note.id,
      internal: note.internal,
      line_code: null,
      note: note.body,
      noteable_id: issue.id,
      noteable_type: 'Issue',
      original_position: null,
      position: null,
      project_id: project.id,
      resolved_at: null,
      resolved_by_id: null,
      resolved_by_push: null,
      st_diff: null,
      system: false,
      type: null,
      updated_at: hookTime(note.updatedAt),
      updated_by_id: null,
      description: note.body,
      url: `${webUrl(state, issue)}#note_${note.id}`,
      ...(isSince(state, 16, 11) ? { action } : {}),
    },
    repository: repositoryOf(state, project),
    issue: issueAttributes(state, issue),
  };
}

function repositoryOf(state: State, project: Project): Shape {
  const { name, url, description, homepage } = projectHookShape(state, project);
  return { name, url, description, homepage };
}

function issueAttributes(state: State, issue: Issue): Shape {
  return {
    author_id: issue.author.id,
    closed_at: issue.closedAt === null ? null : hookTime(issue.closedAt),
    confidential: issue.confidential,
    created_at: hookTime(issue.createdAt),
    description: issue.description,
    discussion_locked: issue.discussionLocked ? true : null,
    due_date: issue.dueDate,
    id: issue.id,
    iid: issue.iid,
    last_edited_at: null,
    last_edited_by_id: null,
    milestone_id: null,
    moved_to_id: issue.movedToId,
    duplicated_to_id: null,
    project_id: issue.project.id,
    relative_position: null,
    state_id: issue.state === 'opened' ? 1 : 2,
    time_estimate: 0,
    title: issue.title,
    updated_at: hookTime(issue.updatedAt),
    updated_by_id: null,
    weight: issue.weight,
    health_status: null,
    type: issue.type === 'issue' ? 'Issue' : issue.type === 'task' ? 'Task' : 'Incident',
    url: webUrl(state, issue),
    total_time_spent: 0,
    time_change: 0,
    human_total_time_spent: null,
    human_time_change: null,
    human_time_estimate: null,
    assignee_ids: issue.assignees.map(({ id }) => id),
    assignee_id: issue.assignees[0]?.id ?? null,
    labels: issue.labels.map((label) => labelHookShape(issue.project, label)),
    state: issue.state,
    severity: 'unknown',
    customer_relations_contacts: [],
  };
}

/** The headers GitLab sends with these bytes. `eventUuid` is shared by hooks that one event set off. */
export function headersOf(
  state: State,
  hook: Hook,
  letter: { event: string; idempotencyKey: string; eventUuid: string; payload: string },
): Record<string, string> {
  const edition = state.enterprise ? '-ee' : '';
  const custom = hook.customHeaders.map(({ key, value }) => [key.toLowerCase(), value]);
  return {
    ...Object.fromEntries(custom),
    'content-type': 'application/json',
    'user-agent': `GitLab/${state.version}${edition}`,
    'x-gitlab-event': letter.event,
    'x-gitlab-webhook-uuid': hook.uuid,
    'x-gitlab-instance': state.url,
    'x-gitlab-event-uuid': letter.eventUuid,
    ...(isSince(state, 17, 4) ? { 'idempotency-key': letter.idempotencyKey } : {}),
    ...(hook.token === null ? {} : { 'x-gitlab-token': hook.token }),
    ...(hook.signingToken === null ? {} : signed(state, hook.signingToken, letter)),
  };
}

/** https://www.standardwebhooks.com */
function signed(
  state: State,
  signingToken: string,
  { idempotencyKey, payload }: { idempotencyKey: string; payload: string },
): Record<string, string> {
  const timestamp = String(Math.floor(state.now().getTime() / 1000));
  const key = Buffer.from(signingToken.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key)
    .update(`${idempotencyKey}.${timestamp}.${payload}`)
    .digest('base64');
  return {
    'webhook-id': idempotencyKey,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
