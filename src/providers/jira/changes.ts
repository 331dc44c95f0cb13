import { z } from 'zod';
import type { ChangePage, Cursor, TrackerResponse } from '../../ports/tracker.ts';
import { refOf } from './convert.ts';
import type { JiraProject } from './project.ts';
import { PAGE, quoted, searchPage } from './search.ts';
import type { Place } from './search.ts';
import { JiraHint } from './wire.ts';

/** The search index lags behind by minutes at times: so much is listed again, and what was told is left out. */
const OVERLAP_MS = 5 * 60 * 1000;
const MAX_TOLD = 2000;

/** Where the next listing begins, the time of the last change, when we began, and what we told of late, with its time. */
const Position = z.strictObject({
  from: z.int(),
  since: z.int(),
  begun: z.int(),
  told: z.record(z.string(), z.int()),
});
type Position = z.infer<typeof Position>;

function cursorOf(position: Position): Cursor {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** A cursor that cannot be read starts at the beginning: that repeats, but misses nothing. */
function positionOf(cursor: Cursor): Position {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return { from: 0, since: 0, begun: 0, told: {} };
  }
}

function serverMs(answer: TrackerResponse, project: JiraProject): number {
  const date = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(date) ? project.clock.now().getTime() : date;
}

/** Epoch milliseconds: a written date would be read in the account's time zone. */
function queryOf(project: JiraProject, fromMs: number) {
  const jql = `project = ${quoted(project.key)} AND updated >= ${String(fromMs)} ORDER BY updated ASC, id ASC`;
  return { jql, fields: ['updated'], maxResults: PAGE };
}

/** Start now, by Jira's own clock. */
async function startNow(project: JiraProject, signal: AbortSignal): Promise<Position> {
  const query = { ...queryOf(project, project.clock.now().getTime()), maxResults: 1 };
  const { answer } = await searchPage(project, query, undefined, JiraHint, signal);
  const now = serverMs(answer, project);
  return { from: now - OVERLAP_MS, since: now, begun: now, told: {} };
}

/**
 * Every issue changed since the cursor, oldest change first; a whole listing begins with an overlap, one that was broken
 * off goes on where it was. On a Data Center pages are counted, and an issue that changes meanwhile moves to the end and
 * shifts them: there each page begins anew at the last change seen.
 */
export async function* changesSince(
  project: JiraProject,
  cursor: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<ChangePage> {
  if (cursor === null) {
    yield { refs: [], cursor: cursorOf(await startNow(project, signal)) };
    return;
  }
  let position = positionOf(cursor);
  let { from } = position;
  let at: Place | undefined;
  do {
    const page = await searchPage(project, queryOf(project, from), at, JiraHint, signal);
    const fresh = page.issues.filter((hint) => isNews(hint, position));
    const last = Math.max(from, ...page.issues.map(changedMs));
    position = advance(position, page.issues, page.next === undefined ? undefined : last);
    at = page.next;
    // A page of nothing new is no place to stop: it would be listed again and again.
    if (fresh.length > 0 || at === undefined) yield { refs: fresh.map(refOf), cursor: cursorOf(position) };
    if (project.cloud || at === undefined || last === from) continue;
    from = last;
    at = 0;
  } while (at !== undefined);
}

function changedMs(hint: JiraHint): number {
  return Date.parse(hint.fields.updated);
}

function isNews(hint: JiraHint, position: Position): boolean {
  return changedMs(hint) >= position.begun && position.told[hint.id] !== changedMs(hint);
}

/** What is older than the overlap is never listed again, and forgotten. `from`: the listing goes on there. */
function advance(position: Position, page: readonly JiraHint[], from: number | undefined): Position {
  const since = Math.max(position.since, ...page.map(changedMs));
  const told = new Map(Object.entries(position.told));
  for (const hint of page) told.set(hint.id, changedMs(hint));
  const kept = [...told]
    .filter(([, ms]) => ms >= since - OVERLAP_MS)
    .toSorted(([, one], [, other]) => one - other)
    .slice(-MAX_TOLD);
  const next = from ?? Math.max(0, since - OVERLAP_MS);
  return { from: next, since, begun: position.begun, told: Object.fromEntries(kept) };
}
