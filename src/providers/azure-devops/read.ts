import type { Issue, IssueComment, IssueRef, ReadOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, isSignInPage, refusal, refusalWords } from './answers.ts';
import { commentOf, issueOf } from './convert.ts';
import { TOGETHER } from './limits.ts';
import { ask, fetchData, isOurProject, webUrl } from './project.ts';
import type { AzurePlace } from './project.ts';
import { AzureComments, AzureRecycled, AzureWorkItem, AzureWorkItems } from './wire.ts';

const NEWEST = 50;

/** What became of each ref, by its id: two hundred per request, and one look into the recycle bin for each that is missing. */
export async function readIssues(
  place: AzurePlace,
  refs: readonly IssueRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadOutcome>> {
  const outcomes = new Map<string, ReadOutcome>();
  const known = refs.filter(({ id }) => isNumber(id));
  for (const { id } of refs)
    if (!isNumber(id)) outcomes.set(id, { kind: 'hidden', reason: 'It is no number of a work item.' });
  for (let start = 0; start < known.length; start += TOGETHER) {
    const chunk = known.slice(start, start + TOGETHER);
    const wires = await readItems(
      place,
      chunk.map(({ id }) => Number(id)),
      signal,
    );
    for (const ref of chunk) {
      const wire = wires.get(ref.id);
      outcomes.set(
        ref.id,
        await (wire === undefined ? missing(place, ref, signal) : outcomeOf(place, wire, signal)),
      );
    }
  }
  return outcomes;
}

function isNumber(id: string): boolean {
  return /^[1-9]\d{0,9}$/.test(id) && Number(id) <= 2_147_483_647;
}

/** At most two hundred work items of any project of the organization, by id; what is missing may be deleted or not for us. */
export async function readItems(
  place: AzurePlace,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AzureWorkItem>> {
  const request = {
    method: 'POST',
    path: '/_apis/wit/workitemsbatch',
    json: { ids, errorPolicy: 'omit' },
    reads: true,
    slow: true,
  } as const;
  const answer = await ask(place, request, signal);
  const { value } = dataOf(answer, AzureWorkItems, 'read work items', place.clock.now());
  return new Map(value.flatMap((wire) => (wire === null ? [] : [[String(wire.id), wire]])));
}

/** A move keeps the number: only the project tells. */
async function outcomeOf(place: AzurePlace, wire: AzureWorkItem, signal: AbortSignal): Promise<ReadOutcome> {
  const project = wire.fields['System.TeamProject'];
  if (!(await isOurProject(place, project, signal))) {
    const id = String(wire.id);
    const url = `${webUrl(place, project)}/_workitems/edit/${id}`;
    return { kind: 'moved', to: { id, key: id }, url, sameProject: false };
  }
  const comments = await newestComments(place, wire, signal);
  return { kind: 'found', issue: await issueOf(place, wire, signal, comments) };
}

/** Only the recycle bin proves a deletion: "not found" is said of what the account may not see, too. */
async function missing(place: AzurePlace, { id }: IssueRef, signal: AbortSignal): Promise<ReadOutcome> {
  const path = `${place.path}/_apis/wit/recyclebin/${id}`;
  const answer = await ask(place, { method: 'GET', path }, signal);
  if ((answer.status === 404 || answer.status === 403) && !isSignInPage(answer))
    return { kind: 'hidden', reason: refusalWords(answer) };
  if (answer.status !== 200) throw refusal(answer, 'look into the recycle bin', place.clock.now());
  const { deletedDate } = dataOf(answer, AzureRecycled, 'look into the recycle bin', place.clock.now());
  const since = deletedDate == null ? '' : ` since ${deletedDate}`;
  return { kind: 'gone', proof: `It is in the recycle bin${since}.` };
}

export function itemPath(place: AzurePlace, id: string): string {
  return `${place.path}/_apis/wit/workitems/${encodeURIComponent(id)}`;
}

/** Azure DevOps' answer for a work item of our project. */
export function askItem(place: AzurePlace, id: string, signal: AbortSignal): Promise<TrackerResponse> {
  return ask(place, { method: 'GET', path: itemPath(place, id) }, signal);
}

/** One request only where there are comments. https://learn.microsoft.com/rest/api/azure/devops/wit/comments/get-comments */
async function newestComments(
  place: AzurePlace,
  { id, fields }: AzureWorkItem,
  signal: AbortSignal,
): Promise<readonly IssueComment[]> {
  if (fields['System.CommentCount'] === 0) return [];
  const path = commentsPath(place, String(id));
  const query = { $top: NEWEST, order: 'desc' };
  const page = await fetchData(
    place,
    { path, query, isPreview: true },
    AzureComments,
    'read comments',
    signal,
  );
  return page.comments.map(commentOf).toReversed();
}

export function commentsPath(place: AzurePlace, id: string): string {
  return `${place.path}/_apis/wit/workItems/${encodeURIComponent(id)}/comments`;
}

/** Look a work item up by `42`, `#42`, `AB#42` or its URL. Undefined: this project has no such work item. */
export async function findIssue(
  place: AzurePlace,
  key: string,
  signal: AbortSignal,
): Promise<Issue | undefined> {
  const id = numberOf(place, key.trim());
  if (id === undefined || !isNumber(id)) return undefined;
  const answer = await askItem(place, id, signal);
  if (answer.status === 404) return undefined;
  const wire = dataOf(answer, AzureWorkItem, 'read a work item', place.clock.now());
  const isOurs = await isOurProject(place, wire.fields['System.TeamProject'], signal);
  return isOurs ? issueOf(place, wire, signal) : undefined;
}

function numberOf({ apiRoot }: AzurePlace, key: string): string | undefined {
  const number = /^(?:AB)?#?(\d{1,10})$/i.exec(key)?.[1];
  if (number !== undefined) return number;
  const url = URL.parse(key);
  const root = `${apiRoot.pathname.replace(/\/$/, '')}/`.toLowerCase();
  if (url?.host !== apiRoot.host || !url.pathname.toLowerCase().startsWith(root)) return undefined;
  return (
    /\/_workitems\/edit\/(\d{1,10})\/?$/i.exec(url.pathname)?.[1] ??
    url.searchParams.get('workitem') ??
    undefined
  );
}
