import { issueFor, issueOf, userOf } from '../access.ts';
import { badFields, badInput } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { addComment } from '../comment-acts.ts';
import { readFields } from '../fields.ts';
import { transitionIssue } from '../issue-acts.ts';
import { may } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { isFields, listed } from '../request.ts';
import type { Shape } from '../shapes.ts';
import { statusShape } from '../shapes.ts';
import type { Issue, User } from '../state.ts';
import type { Transition } from '../workflows.ts';
import { viewOf } from './pages.ts';
import { route } from './route.ts';
import { fieldMeta } from './screens.ts';

export const transitionRoutes = [
  route('GET /issue/:issue/transitions', list),
  route('POST /issue/:issue/transitions', walk),
];

/** What this user can do from this status; nothing without permission. */
function available({ caller }: ApiRequest, issue: Issue): Transition[] {
  const { user } = caller;
  if (!may(issue.project, user, 'TRANSITION_ISSUES')) return [];
  return issue.project.workflow.transitions.filter(
    (each) => leadsFrom(each, issue) && isMet(each, issue, user),
  );
}

function leadsFrom({ from }: Transition, { status }: Issue): boolean {
  return from === 'any' || from.includes(status.id);
}

function isMet({ onlyAssignee }: Transition, { assignee }: Issue, user: User | undefined): boolean {
  return onlyAssignee !== true || (user !== undefined && assignee === user);
}

function list(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const withFields = (listed(request.query, 'expand') ?? []).includes('transitions.fields');
  const wanted = request.query.get('transitionId');
  const transitions = available(request, issue)
    .filter(({ id }) => wanted === null || id === wanted)
    .map((each) => shape(request, issue, each, withFields));
  return { status: 200, json: { expand: 'transitions', transitions } };
}

function shape(request: ApiRequest, issue: Issue, each: Transition, withFields: boolean): Shape {
  const fields = each.screen.map((name) => [
    name,
    fieldMeta(request, issue.project, issue.type, name, each.required.includes(name)),
  ]);
  const cloud = {
    hasScreen: each.screen.length > 0,
    isGlobal: each.from === 'any',
    isInitial: false,
    isAvailable: true,
    isConditional: each.onlyAssignee === true,
    looped: false,
  };
  return {
    id: each.id,
    name: each.name,
    to: statusShape(viewOf(request), each.to),
    ...(request.state.flavour === 'cloud' ? cloud : {}),
    ...(withFields ? { fields: Object.fromEntries(fields) } : {}),
  };
}

/** Walks a transition with what its screen wants. */
function walk(request: ApiRequest): Answer {
  const { state, body } = request;
  const issue = issueFor(request, 'BROWSE_PROJECTS', 'You do not have permission to see this issue.');
  const wanted = isFields(body['transition']) ? body['transition']['id'] : undefined;
  if (typeof wanted !== 'string' && typeof wanted !== 'number')
    throw badInput("Missing 'transition' identifier");
  const found = available(request, issue).find(({ id }) => id === String(wanted));
  if (found === undefined)
    throw badInput(
      `It seems that you have tried to perform a workflow operation (${wanted}) that is not valid for the current state of this issue.`,
    );
  const { edit, comments } = readFields(request, issue.project, new Set(found.screen), issue);
  const missing = found.required.filter((name) =>
    name === 'resolution'
      ? (edit.resolution ?? null) === null
      : name.startsWith('customfield_') &&
        (edit.custom?.get(name) ?? issue.custom.get(name) ?? null) === null,
  );
  if (missing.length > 0) {
    const titleOf = (id: string): string =>
      state.customFields.find((field) => field.id === id)?.name ?? 'Resolution';
    throw badFields(Object.fromEntries(missing.map((name) => [name, `${titleOf(name)} is required.`])));
  }
  const user = userOf(request);
  transitionIssue(state, issue, user, found, edit);
  for (const comment of comments) addComment(state, issue, user, comment);
  return { status: 204 };
}
