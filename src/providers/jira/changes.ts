import { z } from 'zod';
import type { ChangePage, Cursor } from '../../ports/tracker.ts';
import { serverTime } from '../shared/answers.ts';
import { refOf } from './convert.ts';
import type { JiraProject } from './project.ts';
import { quoted, searchPage } from './search.ts';
import type { Place } from './search.ts';
import { JiraHint } from './wire.ts';

/** The search index lags behind by minutes at times: so much is listed again, and what was told is left out. */
const OVERLAP_MS = 5 * 60 * 1000;
const MAX_TOLD = 2000;
/** Hints are small; Cloud answers with fewer of its own accord. */
const PAGE = 1000;

/**
 * Where the next listing begins, the time of the newest change, when we began, and what we told of late, with its time.
 * `listing`: when the listing that is not at its end yet was begun. All by Jira's clock, in ms.
 */
const Position = z.strictObject({
  from: z.int(),
  since: z.int(),
  begun: z.int(),
  listing: z.int().exactOptional(),
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

/** Epoch milliseconds: a written date would be read in the account's time zone. */
function queryOf(project: JiraProject, fromMs: number) {
  const jql = `project = ${quoted(project.key)} AND updated >= ${String(fromMs)} ORDER BY updated ASC, id ASC`;
  return { jql, fields: ['updated'], maxResults: PAGE };
}

/** Start now, by Jira's own clock. */
async function startNow(project: JiraProject, signal: AbortSignal): Promise<Position> {
  const query = { ...queryOf(project, project.clock.now().getTime()), maxResults: 1 };
  const { answer } = await searchPage(project, query, undefined, JiraHint, signal);
  const now = serverTime(answer, project.clock).getTime();
  return { from: now - OVERLAP_MS, since: now, begun: now, told: {} };
}

/**
 * Every issue changed since the cursor, oldest change first. At its end the cursor goes back to what the index may still
 * have hidden when the listing began; one that was broken off goes on where it was. On a Data Center pages are counted,
 * and an issue that changes meanwhile moves to the end and shifts them: there each page begins anew at the last change seen.
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
  let { from, listing } = position;
  let at: Place | undefined;
  do {
    const page = await searchPage(project, queryOf(project, from), at, JiraHint, signal);
    listing ??= serverTime(page.answer, project.clock).getTime();
    const fresh = page.issues.filter((hint) => isNews(hint, position));
    const last = Math.max(from, ...page.issues.map(changedMs));
    const known = withPage(position, page.issues);
    position = page.next === undefined ? rested(known, listing) : paused(known, last, listing);
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

function withPage(position: Position, page: readonly JiraHint[]): Position {
  const told = new Map(Object.entries(position.told));
  for (const hint of page) told.set(hint.id, changedMs(hint));
  const since = Math.max(position.since, ...page.map(changedMs));
  return { ...position, since, told: Object.fromEntries(told) };
}

/** In the middle of a listing: go on exactly here. */
function paused(position: Position, from: number, listing: number): Position {
  return forgetting({ ...position, from, listing }, Math.min(from, listing - OVERLAP_MS));
}

/** At the end of a listing: the next one begins where changes may have come to light since, or at the newest one. */
function rested({ since, begun, told }: Position, listing: number): Position {
  const from = Math.max(0, Math.min(listing - OVERLAP_MS, since));
  return forgetting({ from, since, begun, told }, from);
}

/** What will not be listed again need not be remembered; of the rest the newest. */
function forgetting(position: Position, oldest: number): Position {
  const kept = Object.entries(position.told)
    .filter(([, ms]) => ms >= oldest)
    .toSorted(([, one], [, other]) => one - other)
    .slice(-MAX_TOLD);
  return { ...position, told: Object.fromEntries(kept) };
}
