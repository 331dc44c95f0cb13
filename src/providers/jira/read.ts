import type { Issue, IssueComment, IssueRef, ReadOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusal } from './answers.ts';
import { commentOf, issueOf, PROPERTY, refOf } from './convert.ts';
import { ensureSignedIn, fetchData, isHere, siteOf } from './project.ts';
import type { JiraProject } from './project.ts';
import { ISSUE_FIELDS, searchPages } from './search.ts';
import { JiraComments, JiraFetched, JiraIssue } from './wire.ts';

const PER_REQUEST = 100;
const NEWEST = 50;
/** Fewer issues are read one by one on a Data Center: its search index may lag behind what has just changed. */
const FEW = 5;
const FIELDS = [...ISSUE_FIELDS, 'comment'];
const HIDDEN = 'Jira does not show it: it was deleted, or the account may no longer see it.';

/** What became of each ref, by its id. Jira never proves a deletion: what is not there is hidden. */
export async function readIssues(
  project: JiraProject,
  refs: readonly IssueRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadOutcome>> {
  const outcomes = new Map<string, ReadOutcome>();
  for (let start = 0; start < refs.length; start += PER_REQUEST) {
    const chunk = refs.slice(start, start + PER_REQUEST);
    const ids = chunk.map((ref) => ref.id).filter((id) => /^\d+$/.test(id));
    const found = new Map((await fetchIssues(project, ids, FIELDS, signal)).map((wire) => [wire.id, wire]));
    if (found.size < chunk.length) await ensureSignedIn(project, signal);
    for (const ref of chunk) {
      const wire = found.get(ref.id);
      const hidden: ReadOutcome = { kind: 'hidden', reason: HIDDEN };
      outcomes.set(ref.id, wire === undefined ? hidden : await outcomeOf(project, wire, signal));
    }
  }
  return outcomes;
}

async function outcomeOf(project: JiraProject, wire: JiraIssue, signal: AbortSignal): Promise<ReadOutcome> {
  const site = await siteOf(project, signal);
  if (!(await isHere(project, wire.fields.project, signal)))
    return { kind: 'moved', to: refOf(wire), url: `${site}/browse/${wire.key}`, sameProject: false };
  const comments = await commentsOf(project, wire, signal);
  return { kind: 'found', issue: issueOf(wire, project.markup, site, comments) };
}

/** Issues as they are now, in no order; what is not there, or not for us, is left out. */
export async function fetchIssues(
  project: JiraProject,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly JiraIssue[]> {
  if (ids.length === 0) return [];
  if (!project.cloud) return fetchFromServer(project, ids, fields, signal);
  const json = { issueIdsOrKeys: ids, fields, properties: [PROPERTY] };
  const path = `${project.api}/issue/bulkfetch`;
  const answer = await project.send({ method: 'POST', path, json, reads: true }, signal);
  const { issues, issueErrors = [] } = dataOf(answer, JiraFetched, 'read issues');
  const failed = issueErrors.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return [...issues, ...(await fetchSingly(project, failed, fields, signal))];
}

/** A Data Center has no bulk fetch. What its search does not know, or what is very fresh, is asked for by id. */
async function fetchFromServer(
  project: JiraProject,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly JiraIssue[]> {
  const settled = ids.length <= FEW ? [] : ids.filter((id) => !project.written.has(id));
  const found: JiraIssue[] = [];
  if (settled.length > 0) {
    const query = { jql: `id in (${settled.join(',')})`, fields, maxResults: PER_REQUEST };
    for await (const page of searchPages(project, query, JiraIssue, signal)) found.push(...page);
  }
  const known = new Set(found.map((wire) => wire.id));
  const rest = ids.filter((id) => !known.has(id));
  return [...found, ...(await fetchSingly(project, rest, fields, signal))];
}

async function fetchSingly(
  project: JiraProject,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly JiraIssue[]> {
  const found: JiraIssue[] = [];
  for (const id of ids) {
    const answer = await askIssue(project, id, fields, signal);
    if (answer.status === 404) continue;
    found.push(dataOf(answer, JiraIssue, 'read an issue'));
  }
  return found;
}

export function issuePath(project: JiraProject, idOrKey: string): string {
  return `${project.api}/issue/${encodeURIComponent(idOrKey)}`;
}

/** Jira's answer for one issue, by id or key: always current. */
function askIssue(
  project: JiraProject,
  idOrKey: string,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<TrackerResponse> {
  const query = { fields: fields.join(','), properties: PROPERTY };
  return project.send({ method: 'GET', path: issuePath(project, idOrKey), query }, signal);
}

/** One issue as it is now. Throws `tracker-not-found` when it is not there. */
export async function readWire(project: JiraProject, id: string, signal: AbortSignal): Promise<JiraIssue> {
  const answer = await askIssue(project, id, ISSUE_FIELDS, signal);
  return dataOf(answer, JiraIssue, 'read the issue');
}

/** The newest comments, oldest first: those in the answer if they are all, else asked for. */
async function commentsOf(
  project: JiraProject,
  wire: JiraIssue,
  signal: AbortSignal,
): Promise<readonly IssueComment[] | undefined> {
  const given = wire.fields.comment;
  if (given == null) return undefined;
  if (given.comments.length >= given.total)
    return given.comments.slice(-NEWEST).map((comment) => commentOf(comment, project.markup));
  const path = `${issuePath(project, wire.id)}/comment`;
  const query = { orderBy: '-created', maxResults: NEWEST };
  const { comments } = await fetchData(project, { path, query }, JiraComments, 'read comments', signal);
  return comments.map((comment) => commentOf(comment, project.markup)).toReversed();
}

/** Look an issue up by `TM-42`, `42` or its address. Undefined: this project has no such issue. */
export async function findIssue(
  project: JiraProject,
  key: string,
  signal: AbortSignal,
): Promise<Issue | undefined> {
  const wanted = keyOf(project, key.trim());
  if (wanted === undefined) return undefined;
  const answer = await askIssue(project, wanted, ISSUE_FIELDS, signal);
  if (answer.status === 404) {
    await ensureSignedIn(project, signal);
    return undefined;
  }
  if (answer.status !== 200) throw refusal(answer, 'read an issue');
  const wire = dataOf(answer, JiraIssue, 'read an issue');
  if (!(await isHere(project, wire.fields.project, signal))) return undefined;
  return issueOf(wire, project.markup, await siteOf(project, signal));
}

function keyOf(project: JiraProject, text: string): string | undefined {
  if (/^\d{1,10}$/.test(text)) return `${project.key}-${text}`;
  const written = URL.canParse(text) ? /\/browse\/([^/?#]+)\/?$/.exec(new URL(text).pathname)?.[1] : text;
  return written !== undefined && /^[A-Za-z][A-Za-z0-9_]*-\d{1,10}$/.test(written)
    ? written.toUpperCase()
    : undefined;
}
