import type { Answer } from '../../shared/answers.ts';
import { issueOf, needIssues, needRole, projectOf } from '../access.ts';
import { canReadIssues, levelOf, mayManageIssues, reaches } from '../accounts.ts';
import { forbidden, notFound, refuse, refuseEarly } from '../answers.ts';
import type { Edit } from '../issue-acts.ts';
import { deleteIssue, moveIssue, setState } from '../issue-acts.ts';
import { page } from '../paging.ts';
import { findLabel, findProject } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { actorOf, choice, requiredText, text, whole } from '../request.ts';
import { issueShape, labelEventShape, stateEventShape } from '../shapes.ts';
import type { Issue, Project } from '../state.ts';
import { LEVELS } from '../state.ts';
import { rewriteIssue, writeIssue } from '../writing.ts';
import { labelsAfter, metadataOf, wordsOf } from './issue-fields.ts';
import { issuePage } from './issue-list.ts';
import { route } from './route.ts';

const ISSUES = '/projects/:id/issues';
const ISSUE = `${ISSUES}/:issue_iid`;
const EVENTS = `${ISSUES}/:eventable_id`;
const visitors = { forVisitors: true };

export const issueRoutes = [
  route('GET /issues', listEverywhere),
  route(`GET ${ISSUES}`, list, visitors),
  route(`POST ${ISSUES}`, create),
  route(`GET ${ISSUE}`, (request) => shown(request, issueOf(request)), visitors),
  route(`PUT ${ISSUE}`, update),
  route(`DELETE ${ISSUE}`, remove),
  route(`POST ${ISSUE}/move`, move),
  route(`GET ${EVENTS}/resource_state_events`, (request) => {
    const issue = issueOf(request, 'eventable_id');
    return page(request, issue.stateEvents, (event) => stateEventShape(request.state, issue, event));
  }),
  route(`GET ${EVENTS}/resource_label_events`, (request) => {
    const issue = issueOf(request, 'eventable_id');
    return page(request, issue.labelEvents, (event) => labelEventShape(request.state, issue, event));
  }),
];

/** Without `scope` only what the caller opened; archived projects are left out. */
function listEverywhere(request: ApiRequest): Answer {
  const { state, caller } = request;
  const open = state.projects.filter(
    (project) => !project.archived && reaches(project, caller.account, 'guest'),
  );
  return issuePage(
    request,
    open.flatMap((project) => [...project.issues.values()]),
    'created_by_me',
  );
}

/** Where issues are switched off or hidden the list is empty, not refused. */
function list(request: ApiRequest): Answer {
  const project = projectOf(request);
  const issues = canReadIssues(project, request.caller.account) ? [...project.issues.values()] : [];
  return issuePage(request, issues, 'all');
}

/** Guests may use labels that exist, but make none. Only owners choose `iid` and `created_at`; others are not told that they may not. */
function create(request: ApiRequest): Answer {
  const { state, body } = request;
  const project = projectOf(request);
  needIssues(request, project);
  requiredText(body, 'title');
  const words = wordsOf(request);
  const metadata = metadataOf(request);
  request.spend('issue');
  const author = actorOf(request);
  const wanted = labelsAfter(request, []) ?? [];
  const labels = mayManageIssues(project, author)
    ? wanted
    : wanted.filter((name) => findLabel(project, name) !== undefined);
  const issue = writeIssue(state, project, author, {
    title: words.title ?? '',
    description: words.description ?? null,
    ...metadata,
    labels,
    ...chosen(request, project),
  });
  return shown(request, issue, 201);
}

function chosen(request: ApiRequest, project: Project): { iid?: number; createdAt?: string } {
  if (!reaches(project, request.caller.account, 'owner')) return {};
  const iid = whole(request.body, 'iid') ?? undefined;
  const createdAt = text(request.body, 'created_at') ?? undefined;
  if (iid !== undefined && project.issues.has(iid)) throw refuse(409, 'Duplicated issue');
  return {
    ...(iid === undefined ? {} : { iid }),
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt).toISOString() }),
  };
}

const CHANGEABLE = [
  'title',
  'description',
  'state_event',
  'labels',
  'add_labels',
  'remove_labels',
  'assignee_id',
  'assignee_ids',
  'confidential',
  'discussion_locked',
  'due_date',
  'issue_type',
  'milestone_id',
  'updated_at',
  'weight',
];

/** Authors may change words and state of their own issues; everything else is for planners and up, and dropped silently for others. */
function update(request: ApiRequest): Answer {
  const { state, body } = request;
  const issue = issueOf(request);
  const actor = actorOf(request);
  needIssues(request, issue.project);
  if (!CHANGEABLE.some((name) => name in body))
    throw refuseEarly(400, `${CHANGEABLE.join(', ')} are missing, at least one parameter must be provided`);
  const trusted = mayManageIssues(issue.project, actor);
  if (!trusted && issue.author !== actor) throw forbidden();
  const event = choice(text(body, 'state_event'), 'state_event', ['close', 'reopen']);
  const edit: Edit = { ...wordsOf(request), ...(trusted ? changedMetadata(request, issue) : {}) };
  if (event !== undefined) setState(state, issue, actor, event === 'close' ? 'closed' : 'opened');
  rewriteIssue(state, issue, actor, edit);
  return shown(request, issue);
}

function changedMetadata(request: ApiRequest, issue: Issue): Edit {
  const { labels: _, ...rest } = metadataOf(request);
  const labels = labelsAfter(
    request,
    issue.labels.map(({ name }) => name),
  );
  return { ...rest, ...(labels === undefined ? {} : { labels }) };
}

/** For owners and planners. */
function remove(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const level = levelOf(issue.project, request.caller.account);
  if (level !== LEVELS.planner && level < LEVELS.owner) throw forbidden();
  deleteIssue(request.state, issue);
  return { status: 204 };
}

function move(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const issue = issueOf(request);
  const wanted = whole(body, 'to_project_id');
  if (wanted === undefined || wanted === null) throw refuseEarly(400, 'to_project_id is missing');
  const target = findProject(state, String(wanted));
  if (target === undefined || !reaches(target, caller.account, 'guest')) throw notFound('Project');
  needRole(request, issue.project, 'reporter');
  if (!reaches(target, caller.account, 'reporter'))
    throw refuse(400, 'Cannot move issue due to insufficient permissions!');
  if (target === issue.project) throw refuse(400, 'Cannot move issue to project it originates from!');
  return shown(request, moveIssue(state, issue, actorOf(request), target), 201);
}

function shown(request: ApiRequest, issue: Issue, status = 200): Answer {
  return { status, json: issueShape(request.state, issue) };
}
