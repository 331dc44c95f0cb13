import { z } from 'zod';
import type { StatusCategory, Unwritten } from '../../domain/issue.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { plainDocument } from './adf.ts';
import { categoryOf } from './convert.ts';
import { statusesOf } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath } from './read.ts';
import { quoted, searchPage } from './search.ts';
import { JiraTransitions } from './wire.ts';
import type { JiraTransition } from './wire.ts';
import { isUsable, pathThrough, rankOf, screenOf, unexplored } from './workflow.ts';
import type { Wanted } from './workflow.ts';

const MAX_HOPS = 4;
/** Other issues that we look at to learn where their statuses lead. */
const MAX_SAMPLES = 6;
const COMMENT = 'Moved by the threat-model sync.';

/** Where a walk ended. `stale`: somebody moved the issue at the same time. */
export type Walked =
  { kind: 'arrived' } | { kind: 'stale' } | { kind: 'stuck'; moved: boolean; unwritten: Unwritten };

interface Walk {
  project: JiraProject;
  issueId: string;
  wanted: Wanted;
  start: { id: string; name: string; category: StatusCategory };
  attempt: Attempt;
  samples: { left: number; asked: Set<string> };
  signal: AbortSignal;
}

/**
 * Move an issue through its workflow to what is wanted, by at most four transitions. Which ones there are depends on the
 * status, the account and the workflow's conditions, so they are asked for before every step; where later statuses lead
 * is learned from other issues in them, and, when there are none, by going there. A walk that gets stuck goes back.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get
 */
export async function walkTo(
  project: JiraProject,
  issueId: string,
  start: Walk['start'],
  goal: Wanted,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Walked> {
  const wanted: Wanted = { ...goal, filler: project.filler };
  const samples = { left: MAX_SAMPLES, asked: new Set<string>() };
  const walk: Walk = { project, issueId, wanted, start, attempt, samples, signal };
  const visited = new Set([start.id]);
  let here: { id: string; category: StatusCategory } = start;
  let trouble: string | undefined;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const offered = await offersOf(walk, here.id);
    const next = await nextStep(walk, here, offered, MAX_HOPS - hop, visited);
    trouble ??= next === undefined ? troubleWith(offered, walk) : undefined;
    if (next === undefined) break;
    const answer = await take(walk, next, wanted);
    if (answer.status === 409) return { kind: 'stale' };
    if (answer.status === 400) trouble = `"${next.name}" was refused (${refusalWords(answer)})`;
    else if (answer.status !== 204) throw refusal(answer, 'move the issue');
    if (answer.status !== 204) break;
    attempt.done = true;
    const rank = rankOf(next, wanted, { start: start.category, step: here.category });
    if (rank !== undefined) return { kind: 'arrived' };
    here = { id: next.to.id, category: categoryOf(next.to) };
    visited.add(here.id);
  }
  const moved = here.id !== start.id;
  if (moved) await goBack(walk, here.id);
  return { kind: 'stuck', moved, unwritten: stuckAt(walk, trouble) };
}

async function offersOf(
  { project, issueId, signal }: Walk,
  statusId: string,
): Promise<readonly JiraTransition[]> {
  const offered = await transitionsOf(project, issueId, signal);
  project.transitions.set(statusId, offered);
  return offered;
}

async function transitionsOf(
  project: JiraProject,
  issueId: string,
  signal: AbortSignal,
): Promise<readonly JiraTransition[]> {
  const path = `${issuePath(project, issueId)}/transitions`;
  const query = { expand: 'transitions.fields' };
  const answer = await project.send({ method: 'GET', path, query }, signal);
  return dataOf(answer, JiraTransitions, 'read the transitions').transitions;
}

/** A transition that ends in what is wanted, else the first of a way there, else one into the unknown. */
async function nextStep(
  walk: Walk,
  here: { id: string; category: StatusCategory },
  offered: readonly JiraTransition[],
  hops: number,
  visited: ReadonlySet<string>,
): Promise<JiraTransition | undefined> {
  const { project, wanted, start } = walk;
  const from = { ...here, start: start.category };
  for (;;) {
    const path = pathThrough(project.transitions, from, wanted, hops);
    if (path !== undefined) return path[0];
    const [unknown] = unexplored(project.transitions, here.id, wanted, hops).filter(
      (status) => !walk.samples.asked.has(status),
    );
    if (unknown === undefined || walk.samples.left === 0) break;
    await sample(walk, unknown);
  }
  if (hops < 2 || !(await isThere(walk))) return undefined;
  const blind = offered.filter(
    ({ to }) => !project.transitions.has(to.id) && !visited.has(to.id) && categoryOf(to) === 'active',
  );
  return blind.find((transition) => isUsable(transition, wanted));
}

/** Nobody goes into the unknown to look for a status that the issue type does not have. */
async function isThere({ project, wanted, start, signal }: Walk): Promise<boolean> {
  const statuses = await statusesOf(project, signal);
  const from = { start: start.category, step: start.category };
  return statuses.some((to) => rankOf({ id: '', name: '', to }, wanted, from) !== undefined);
}

const Sample = z.object({ id: z.string() });

/** Learn from another issue in that status where it leads. */
async function sample({ project, samples, signal }: Walk, statusId: string): Promise<void> {
  samples.left -= 1;
  samples.asked.add(statusId);
  const jql = `project = ${quoted(project.key)} AND issuetype = ${project.issueTypeId} AND status = ${statusId} ORDER BY updated DESC`;
  const page = await searchPage(
    project,
    { jql, fields: ['status'], maxResults: 1 },
    undefined,
    Sample,
    signal,
  );
  const [issue] = page.issues;
  if (issue !== undefined) project.transitions.set(statusId, await transitionsOf(project, issue.id, signal));
}

async function take({ project, issueId, attempt, signal }: Walk, transition: JiraTransition, wanted: Wanted) {
  const { fields, comment } = screenOf(transition, wanted);
  const body = project.cloud ? plainDocument(COMMENT) : COMMENT;
  const json = {
    transition: { id: transition.id },
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(comment ? { update: { comment: [{ add: { body } }] } } : {}),
  };
  attempt.sent = true;
  return project.send({ method: 'POST', path: `${issuePath(project, issueId)}/transitions`, json }, signal);
}

/** A walk that got stuck must not leave the issue halfway, as if somebody had begun to work on it. */
async function goBack(walk: Walk, from: string): Promise<void> {
  const { start } = walk;
  const wanted: Wanted = { category: start.category, id: start.id, filler: walk.project.filler };
  let here = from;
  for (let hop = 0; hop < MAX_HOPS && here !== start.id; hop += 1) {
    await offersOf(walk, here);
    const path = pathThrough(
      walk.project.transitions,
      { id: here, category: 'active', start: 'active' },
      wanted,
      MAX_HOPS,
    );
    const [next] = path ?? [];
    if (next === undefined) return;
    const answer = await take(walk, next, wanted);
    if (answer.status !== 204) return;
    here = next.to.id;
  }
}

/** Why none of the offered transitions would do, when it is for a field we cannot fill. */
function troubleWith(offered: readonly JiraTransition[], { wanted, start }: Walk): string | undefined {
  for (const transition of offered) {
    const { missing } = screenOf(transition, wanted);
    if (
      missing.length > 0 &&
      rankOf(transition, wanted, { start: start.category, step: start.category }) !== undefined
    )
      return `"${transition.name}" asks for ${missing.join(', ')}, which we cannot fill in: name its value in transitionFields`;
  }
  return undefined;
}

const CATEGORY_WORDS: Record<StatusCategory, string> = {
  open: 'to do',
  active: 'in progress',
  done: 'done',
  dropped: 'closed without being done',
};

function stuckAt({ project, wanted, start }: Walk, trouble: string | undefined): Unwritten {
  const goal =
    wanted.id === undefined
      ? `a status that means ${CATEGORY_WORDS[wanted.category]}`
      : `the status ${wanted.id}`;
  const offers = (project.transitions.get(start.id) ?? []).map(({ name, to }) => `"${name}" to ${to.name}`);
  const why = trouble ?? `from there the account is offered ${offers.join(', ') || 'nothing'}`;
  return {
    field: 'status',
    code: 'no-path',
    reason: `No way of ${String(MAX_HOPS)} steps leads from ${start.name} to ${goal}: ${why}. Add a transition to the workflow, or change the status by hand.`,
  };
}
