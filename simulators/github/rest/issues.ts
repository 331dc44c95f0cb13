import { accountOf, issueOf, mayTriage, needIssues, repositoryOf } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalid, malformed, refuse } from '../answers.ts';
import * as acts from '../issue-acts.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { nullableText, text, titleOf } from '../request.ts';
import { eventShape, issueShape, wholeIssueShape } from '../shapes.ts';
import type { Issue, StateReason } from '../state.ts';
import { assigneesOf, checkTexts, labelNames, milestoneOf } from './issue-fields.ts';
import { listedIssues } from './issue-list.ts';
import { route } from './route.ts';

const REASONS: readonly StateReason[] = ['completed', 'not_planned', 'duplicate', 'reopened'];

const PLACE = '/repos/:owner/:repo/issues';

export const issueRoutes = [
  route(`GET ${PLACE}`, list),
  route(`POST ${PLACE}`, create, true),
  route(`GET ${PLACE}/:issue_number`, get),
  route(`PATCH ${PLACE}/:issue_number`, update),
  route(`GET ${PLACE}/:issue_number/events`, events),
  route(`GET ${PLACE}/:issue_number/timeline`, events),
  route(`GET ${PLACE}/events`, repositoryEvents),
];

function list(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  if (!repository.hasIssues) throw refuse(410, 'Issues are disabled for this repo');
  return page(
    request,
    listedIssues(request, repository),
    (issue) => shown(request, issueShape(request.state, issue)),
    repository.id,
  );
}

/** Without triage permission labels, assignees and milestone are dropped without a word, as GitHub does. */
function create(request: ApiRequest): Answer {
  const { state, body } = request;
  const repository = repositoryOf(request);
  needIssues(request, repository, 'write');
  if (!repository.hasIssues) throw refuse(410, 'Issues are disabled for this repo');
  const title = titleOf(body);
  if (title === undefined) throw malformed(`"title" wasn't supplied.`);
  const words = nullableText(body, 'body');
  checkTexts(title, words);
  const labels = labelNames(request) ?? [];
  const trusted = mayTriage(request.caller, repository);
  const issue = acts.openIssue(state, repository, accountOf(request), {
    title: title ?? '',
    body: words ?? null,
    labels: trusted ? labels : [],
    assignees: (trusted ? assigneesOf(request, repository) : undefined) ?? [],
    milestone: (trusted ? milestoneOf(request, repository) : undefined) ?? null,
  });
  const json = shown(request, wholeIssueShape(state, issue));
  return { status: 201, json, headers: { location: String(json['url']) } };
}

function get(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'read');
  return whole(request, issue);
}

/** The author may change words and state; everything else needs triage permission. */
function update(request: ApiRequest): Answer {
  const { state } = request;
  const issue = issueOf(request);
  const { repository } = issue;
  needIssues(request, repository, 'write');
  const actor = accountOf(request);
  const trusted = mayTriage(request.caller, repository);
  if (!trusted && issue.author !== actor) throw refuse(403, 'Must have admin rights to Repository.');
  const edit = editOf(request);
  const to = stateOf(request);
  const reason = reasonOf(request);
  const labels = labelNames(request);
  const assignees = trusted ? assigneesOf(request, repository) : undefined;
  const milestone = trusted ? milestoneOf(request, repository) : undefined;
  acts.editIssue(state, issue, actor, edit);
  if (to !== undefined) acts.setState(state, issue, actor, to, reason);
  if (trusted && labels !== undefined) acts.setLabels(state, issue, actor, labels);
  if (assignees !== undefined) acts.setAssignees(state, issue, actor, assignees);
  if (milestone !== undefined) acts.setMilestone(state, issue, actor, milestone);
  return whole(request, issue);
}

function editOf(request: ApiRequest): { title?: string; body?: string | null } {
  const title = titleOf(request.body);
  const body = nullableText(request.body, 'body');
  checkTexts(title ?? undefined, body);
  return { ...(title == null ? {} : { title }), ...(body === undefined ? {} : { body }) };
}

function stateOf({ body }: ApiRequest): 'open' | 'closed' | undefined {
  const wanted = text(body, 'state');
  if (wanted === undefined || wanted === 'open' || wanted === 'closed') return wanted;
  throw invalid({ resource: 'Issue', field: 'state', code: 'invalid', value: wanted });
}

function reasonOf({ body }: ApiRequest): StateReason | null | undefined {
  const wanted = nullableText(body, 'state_reason');
  if (wanted === undefined || wanted === null) return wanted;
  const known = REASONS.find((reason) => reason === wanted);
  if (known !== undefined) return known;
  throw invalid({ resource: 'Issue', field: 'state_reason', code: 'invalid', value: wanted });
}

function events(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'read');
  return page(request, issue.events, (event) => eventShape(request.state, issue, event), issue.repository.id);
}

/** Newest first, each with its issue. */
function repositoryEvents(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  const all = [...repository.issues.values()].flatMap((issue) =>
    issue.events.map((event) => ({ issue, event })),
  );
  all.sort((one, other) => other.event.id - one.event.id);
  return page(
    request,
    all,
    ({ issue, event }) => ({
      ...eventShape(request.state, issue, event),
      issue: issueShape(request.state, issue),
    }),
    repository.id,
  );
}

function whole(request: ApiRequest, issue: Issue): Answer {
  return { status: 200, json: shown(request, wholeIssueShape(request.state, issue)) };
}

/** From version 2026-03-10 on there is no singular `assignee`: https://docs.github.com/rest/about-the-rest-api/breaking-changes */
function shown(request: ApiRequest, shape: Record<string, unknown>): Record<string, unknown> {
  if (request.version < '2026-03-10') return shape;
  const { assignee: _, ...rest } = shape;
  return rest;
}
