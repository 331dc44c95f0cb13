import type { z } from 'zod';
import type { Issue, WriteOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, refusalWords, wordsAbout } from './answers.ts';
import { issueOf } from './convert.ts';
import { createBody, draftOf, lighter, placedBy, prepare, refusedFields } from './draft.ts';
import type { Create, Draft } from './draft.ts';
import { TITLE_LIMIT } from './limits.ts';
import { siteOf } from './project.ts';
import type { JiraProject } from './project.ts';
import { fetchIssues } from './read.ts';
import { ISSUE_FIELDS } from './search.ts';
import { JiraBulkCreated, JiraCreated } from './wire.ts';

type Settled = { id: string } | WriteOutcome;

/** Create one issue and read it back: Jira's answer only names it. */
export async function createIssue(
  project: JiraProject,
  write: Create,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  await prepare(project, [write], signal);
  const settled = await createSingly(project, draftOf(write), attempt, signal);
  const [outcome] = await readBack(project, [settled], signal);
  return outcome ?? { kind: 'unknown', reason: 'Jira gave no outcome.' };
}

interface Placed {
  draft: Draft;
  settled: Settled;
}

async function createSingly(
  project: JiraProject,
  draft: Draft,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Placed> {
  if (draft.write.title.length > TITLE_LIMIT) return { draft, settled: titleTooLong(draft.write.title) };
  attempt.sent = true;
  const json = createBody(project, draft);
  const path = `${project.api}/issue`;
  const answer = await project.send({ method: 'POST', path, json, createsContent: true }, signal);
  const again = answer.status === 400 ? without(project, draft, answer.json) : undefined;
  if (again !== undefined) return createSingly(project, again, attempt, signal);
  if (answer.status === 400) return { draft, settled: refusedBy(answer.json, answer) };
  const { id } = dataOf(answer, JiraCreated, 'create an issue');
  attempt.done = true;
  return { draft, settled: { id } };
}

function without(project: JiraProject, draft: Draft, refused: unknown): Draft | undefined {
  const fields = refusedFields(project, refused);
  return fields === undefined ? undefined : lighter(draft, fields);
}

function titleTooLong(title: string): WriteOutcome {
  const reason = `The title has ${String(title.length)} characters; Jira allows ${String(TITLE_LIMIT)}.`;
  return { kind: 'refused', code: 'too-long', reason };
}

function refusedBy(value: unknown, answer: TrackerResponse): WriteOutcome {
  const words = wordsAbout(value) ?? refusalWords(answer);
  const code = /exceed|too long|limit/i.test(words) ? 'too-long' : 'invalid';
  return { kind: 'refused', code, reason: `Jira refused to create the issue: ${words}.` };
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulk-post */
const BULK = 50;

/**
 * Create issues, fifty in a request, and read them all back in another. Those that Jira refused only for a field we can do
 * without are created again without it, one by one. What fails after the first fifty is the outcome of the rest alone.
 */
export async function createTogether(
  project: JiraProject,
  writes: readonly Create[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  await prepare(project, writes, signal);
  const drafts = writes.map(draftOf);
  const placed: Placed[] = [];
  for (let from = 0; from < drafts.length; from += BULK) {
    const some = drafts.slice(from, from + BULK);
    try {
      placed.push(...(await createBulk(project, some, attempt, signal)));
    } catch (error) {
      if (from === 0) throw error;
      const settled = failureOf(error);
      placed.push(...drafts.slice(from).map((draft) => ({ draft, settled })));
      break;
    }
  }
  return readBack(project, placed, signal);
}

async function createBulk(
  project: JiraProject,
  drafts: readonly Draft[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<readonly Placed[]> {
  attempt.sent = true;
  const json = { issueUpdates: drafts.map((draft) => createBody(project, draft)) };
  const path = `${project.api}/issue/bulk`;
  const request = { method: 'POST', path, json, createsContent: true, slow: true } as const;
  const answer = await project.send(request, signal);
  const bulk = bulkIn(answer);
  attempt.done ||= bulk !== undefined && answer.status !== 400;
  // Refused as a whole, without a word on which one: nothing was created, and each is tried by itself.
  if (bulk === undefined && ![400, 413].includes(answer.status)) throw refusal(answer, 'create issues');
  const placed = bulk === undefined ? undefined : placedOf(project, drafts, bulk, answer);
  const settled: Placed[] = [];
  for (const [index, draft] of drafts.entries()) {
    const place = placed?.[index];
    const again = place === undefined ? draft : place.again;
    settled.push(
      again === undefined ? (place ?? { draft, settled: UNNAMED }) : await alone(project, again, signal),
    );
  }
  return settled;
}

const UNNAMED: WriteOutcome = { kind: 'unknown', reason: 'Jira did not say whether it created the issue.' };

type Bulk = z.infer<typeof JiraBulkCreated>;

/** What became of each; undefined = Jira refused them all without saying which one it is about. */
function bulkIn(answer: TrackerResponse): Bulk | undefined {
  if (answer.status >= 200 && answer.status <= 299) return dataOf(answer, JiraBulkCreated, 'create issues');
  const said = answer.status === 400 ? JiraBulkCreated.safeParse(answer.json).data : undefined;
  return (said?.errors?.length ?? 0) > 0 ? said : undefined;
}

/** The answer leaves out what failed, so that all behind it moves up. */
function placedOf(
  project: JiraProject,
  drafts: readonly Draft[],
  { issues = [], errors = [] }: Bulk,
  answer: TrackerResponse,
): readonly (Placed & { again?: Draft })[] | undefined {
  const failed = new Map(errors.map((error) => [error.failedElementNumber, error.elementErrors]));
  if (issues.length + failed.size !== drafts.length)
    return drafts.map((draft) => ({ draft, settled: UNNAMED }));
  let next = 0;
  return drafts.map((draft, index) => {
    if (!failed.has(index)) {
      const id = issues[next]?.id ?? '';
      next += 1;
      return { draft, settled: { id } };
    }
    const again = without(project, draft, failed.get(index));
    const settled = refusedBy(failed.get(index), answer);
    return { draft, settled, ...(again === undefined ? {} : { again }) };
  });
}

/** One of many: its failure is its own. */
async function alone(project: JiraProject, draft: Draft, signal: AbortSignal): Promise<Placed> {
  try {
    return await createSingly(project, draft, { sent: false, done: false }, signal);
  } catch (error) {
    return { draft, settled: failureOf(error) };
  }
}

function failureOf(error: unknown): WriteOutcome {
  const reason = messageOf(error);
  if (!(error instanceof TrackerError) || error.arrived === 'maybe') return { kind: 'unknown', reason };
  const { status, code, resumeAt } = error;
  if (status !== undefined && code !== 'tracker-rate-limited' && code !== 'tracker-unauthorized')
    return { kind: 'refused', code: 'refused', reason };
  return { kind: 'later', reason, ...(resumeAt === undefined ? {} : { resumeAt }) };
}

/** The outcomes, with each created issue as Jira shows it. */
async function readBack(
  project: JiraProject,
  placed: readonly Placed[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const ids = placed.flatMap(({ settled }) => ('id' in settled ? [settled.id] : []));
  const found = new Map<string, Issue>();
  if (ids.length > 0) {
    const site = await siteOf(project, signal);
    for (const wire of await fetchIssues(project, ids, ISSUE_FIELDS, signal))
      found.set(wire.id, issueOf(wire, project.markup, site));
  }
  // Only now: what a search shows of a new issue is no older than its create.
  for (const id of ids) project.written.add(id);
  return placed.map(({ draft, settled }) =>
    'id' in settled ? writtenOf(project, draft, found.get(settled.id)) : settled,
  );
}

function writtenOf(project: JiraProject, draft: Draft, issue: Issue | undefined): WriteOutcome {
  const { write, without: unwritten } = draft;
  if (issue === undefined)
    return { kind: 'unknown', reason: 'The issue was created, but Jira does not show it yet.' };
  const hasMark = issue.block.kind === 'present' && issue.block.mark === write.block.mark;
  const placed = placedBy(project, draft);
  return {
    kind: 'written',
    issue,
    ...(placed === undefined ? {} : { placed }),
    ...(hasMark
      ? {}
      : { warnings: ['The mark is missing in the new issue: it could not be found again by it.'] }),
    ...(unwritten.length === 0 ? {} : { unwritten }),
  };
}
