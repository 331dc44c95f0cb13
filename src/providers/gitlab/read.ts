import type { Issue, IssueComment, IssueRef, ReadOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { newestComments } from './comments.ts';
import { isIssue, issueOf } from './convert.ts';
import { movedTo } from './moved.ts';
import { fetchData, issuePath, readProject } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabIssue, GitlabIssues } from './wire.ts';

const PER_REQUEST = 100;

/** What became of each ref, by its id: a hundred per request, one more for their comments and one for each that is not listed. */
export async function readIssues(
  place: GitlabPlace,
  refs: readonly IssueRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadOutcome>> {
  const outcomes = new Map<string, ReadOutcome>();
  for (let start = 0; start < refs.length; start += PER_REQUEST) {
    const chunk = refs.slice(start, start + PER_REQUEST);
    const listed = await listByKey(place, chunk, signal);
    const own = chunk.flatMap((ref) => listed.get(ref.key) ?? []).filter((wire) => isHere(wire, chunk));
    const comments = await newestComments(place, own, signal);
    for (const ref of chunk) {
      const wire = listed.get(ref.key);
      outcomes.set(
        ref.id,
        wire === undefined
          ? await readOne(place, ref, signal)
          : await outcomeOf(place, ref, wire, comments, signal),
      );
    }
  }
  return outcomes;
}

/** Is it one of these, and still in this project? */
function isHere(wire: GitlabIssue, refs: readonly IssueRef[]): boolean {
  return wire.moved_to_id == null && refs.some(({ id }) => id === String(wire.id));
}

/** Without `scope=all` GitLab lists only what the account created. */
async function listByKey(
  place: GitlabPlace,
  refs: readonly IssueRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GitlabIssue>> {
  const path = `${place.path}/issues`;
  const url = new URL(`${place.apiRoot.href.replace(/\/$/, '')}${path}`);
  url.search = new URLSearchParams({ scope: 'all', state: 'all', per_page: String(PER_REQUEST) }).toString();
  for (const { key } of refs) url.searchParams.append('iids[]', key);
  const found = await fetchData(place, { path, url: url.href }, GitlabIssues, 'read issues', signal);
  return new Map(found.map((wire) => [String(wire.iid), wire]));
}

async function outcomeOf(
  place: GitlabPlace,
  ref: IssueRef,
  wire: GitlabIssue,
  comments: ReadonlyMap<number, readonly IssueComment[]>,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  if (String(wire.id) !== ref.id)
    return { kind: 'hidden', reason: 'The number belongs to another issue now.' };
  if (wire.moved_to_id != null) return movedTo(place, wire, wire.moved_to_id, signal);
  return { kind: 'found', issue: issueOf(wire, place.format, comments.get(wire.iid)) };
}

/** 404 is no proof of deletion: an issue that was made confidential, or lost access, looks the same. */
async function readOne(place: GitlabPlace, ref: IssueRef, signal: AbortSignal): Promise<ReadOutcome> {
  const answer = await askIssue(place, ref.key, signal);
  if (answer.status === 404) return { kind: 'hidden', reason: refusalWords(answer) };
  if (answer.status !== 200) throw refusal(answer, 'read an issue', place.clock.now());
  const wire = dataOf(answer, GitlabIssue, 'read an issue', place.clock.now());
  return outcomeOf(place, ref, wire, await newestComments(place, [wire], signal), signal);
}

/** GitLab's answer for an issue by its number. */
export function askIssue(place: GitlabPlace, key: string, signal: AbortSignal): Promise<TrackerResponse> {
  return place.send({ method: 'GET', path: issuePath(place, key) }, signal);
}

/** Look an issue up by `42`, `#42` or its URL. Undefined: this project has no such issue. */
export async function findIssue(
  place: GitlabPlace,
  key: string,
  signal: AbortSignal,
): Promise<Issue | undefined> {
  const number = await numberOf(place, key.trim(), signal);
  if (number === undefined) return undefined;
  const answer = await askIssue(place, number, signal);
  if (answer.status === 404) return undefined;
  const wire = dataOf(answer, GitlabIssue, 'read an issue', place.clock.now());
  return isIssue(wire) && wire.moved_to_id == null ? issueOf(wire, place.format) : undefined;
}

async function numberOf(place: GitlabPlace, key: string, signal: AbortSignal): Promise<string | undefined> {
  const number = /^#?(\d{1,10})$/.exec(key)?.[1];
  if (number !== undefined) return number;
  const url = URL.parse(key);
  if (url === null) return undefined;
  const [, home, iid] = /^(.+?)(?:\/-)?\/(?:issues|work_items)\/(\d{1,10})\/?$/.exec(url.pathname) ?? [];
  if (home === undefined) return undefined;
  if (place.webUrl === undefined) await readProject(place, signal);
  const own = URL.parse(place.webUrl ?? '');
  const isOwn = own?.host === url.host && own.pathname.toLowerCase() === home.toLowerCase();
  return isOwn ? iid : undefined;
}
