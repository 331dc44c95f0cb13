import { z } from 'zod';
import type { ChangePage, Cursor, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { serverTime } from '../shared/answers.ts';
import { nextPage } from '../shared/pages.ts';
import { dataOf } from './answers.ts';
import { refOf } from './convert.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabIssueHints } from './wire.ts';

type Hints = z.infer<typeof GitlabIssueHints>;

const PAGE = 100;
/** A replica may show a change this much later than one that came after it. */
const OVERLAP_MS = 60_000;
/** How much of the overlap is remembered; more of it is told again, which costs only a look. */
const TOLD = 300;

/**
 * Where the next listing begins, the newest change we know, when the listing that is not at its end yet was begun (by
 * GitLab's clock), and which versions of which issues we have told already.
 */
const Position = z.strictObject({
  since: z.iso.datetime(),
  last: z.iso.datetime(),
  begun: z.iso.datetime().optional(),
  told: z.array(z.tuple([z.int(), z.iso.datetime()])).max(TOLD),
});
type Position = z.infer<typeof Position>;

const EPOCH = '1970-01-01T00:00:00.000Z';
const BEGINNING: Position = { since: EPOCH, last: EPOCH, told: [] };

function cursorOf(position: Position): Cursor {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** A cursor that cannot be read starts at the beginning: that repeats, but misses nothing. */
function positionOf(cursor: Cursor): Position {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return BEGINNING;
  }
}

function requestOf(place: GitlabPlace, since: string): TrackerRequest {
  const query = {
    scope: 'all',
    state: 'all',
    order_by: 'updated_at',
    sort: 'asc',
    updated_after: since,
    per_page: PAGE,
  };
  return { method: 'GET', path: `${place.path}/issues`, query };
}

function before(time: string, ms: number): string {
  return new Date(Date.parse(time) - ms).toISOString();
}

/** Start now, by GitLab's own clock; what the overlap shows already is old. */
async function startNow(place: GitlabPlace, signal: AbortSignal): Promise<Position> {
  const query = { scope: 'all', state: 'all', order_by: 'updated_at', sort: 'desc', per_page: PAGE };
  const answer = await place.send({ method: 'GET', path: `${place.path}/issues`, query }, signal);
  const newest = dataOf(answer, GitlabIssueHints, 'list issues', place.clock.now());
  const now = serverTime(answer, place.clock).toISOString();
  return rested(now, now, newest.map(toldOf));
}

/**
 * Every issue changed since the cursor, oldest change first. The next request starts at the last item's time, so that
 * a page that shifts meanwhile loses nothing; the Link is followed only within one time. At the end the cursor goes
 * back to what a replica could still have hidden when the listing began. https://docs.gitlab.com/api/issues/#list-project-issues
 */
export async function* changesSince(
  place: GitlabPlace,
  cursor: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<ChangePage> {
  if (cursor === null) {
    yield { refs: [], cursor: cursorOf(await startNow(place, signal)) };
    return;
  }
  const start = positionOf(cursor);
  const told = new Map(start.told.map((each) => [each.join(' '), each]));
  let at = start.since;
  let { last, begun } = start;
  let request: TrackerRequest | undefined = requestOf(place, at);
  while (request !== undefined) {
    const answer: TrackerResponse = await place.send(request, signal);
    const page = dataOf(answer, GitlabIssueHints, 'list changed issues', place.clock.now());
    begun ??= serverTime(answer, place.clock).toISOString();
    const fresh = page.map(toldOf).filter((each) => !told.has(each.join(' ')));
    for (const each of fresh) told.set(each.join(' '), each);
    const end = latest(page, at);
    request = following(place, { before: at, after: end }, nextPage(answer));
    at = end;
    last = latest(page, last);
    const isLast = request === undefined;
    const isNews = new Set(fresh.map(([id]) => id));
    const refs = page.filter((item) => isNews.has(item.id)).map(refOf);
    const position = isLast
      ? rested(last, begun, told.values())
      : paused({ since: at, last, begun }, told.values());
    // A page of what was told before is no place to stop: within one moment the next look would get no further.
    if (isLast || refs.length > 0) yield { refs, cursor: cursorOf(position) };
  }
}

function toldOf(item: Hints[number]): [number, string] {
  return [item.id, item.updated_at];
}

function latest(page: Hints, since: string): string {
  return page.reduce((last, item) => (item.updated_at > last ? item.updated_at : last), since);
}

/** In the middle of a listing: go on exactly here. */
function paused(
  place: { since: string; last: string; begun: string },
  told: Iterable<[number, string]>,
): Position {
  return { ...place, told: within(before(place.begun, OVERLAP_MS), told) };
}

/** At the end of a listing: the next one begins where changes may have come to light since, or after the newest one. */
function rested(last: string, begun: string, told: Iterable<[number, string]>): Position {
  const settled = before(begun, OVERLAP_MS);
  const since = settled < last ? settled : last;
  return { since, last, told: within(since, told) };
}

function within(since: string, told: Iterable<[number, string]>): [number, string][] {
  const near = [...told].filter(([, time]) => time >= since);
  return near.toSorted(([, one], [, other]) => (one < other ? -1 : 1)).slice(-TOLD);
}

function following(
  place: GitlabPlace,
  time: { before: string; after: string },
  next: string | undefined,
): TrackerRequest | undefined {
  if (next === undefined) return undefined;
  if (time.after !== time.before) return requestOf(place, time.after);
  return { method: 'GET', path: `${place.path}/issues`, url: next };
}
