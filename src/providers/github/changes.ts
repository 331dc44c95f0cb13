import { z } from 'zod';
import type { ChangePage, Cursor, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { serverTime } from '../shared/answers.ts';
import { nextPage } from '../shared/pages.ts';
import { dataOf, refusal } from './answers.ts';
import { refOf } from './convert.ts';
import { wholeSecond } from './find.ts';
import type { GithubProject } from './project.ts';
import { GithubIssueHints } from './wire.ts';

type Hints = z.infer<typeof GithubIssueHints>;

/** An item listed this long after its second is over cannot change within that second any more. */
const SETTLED_MS = 10_000;
const PAGE = 100;

/** Where we stopped: the last item's second, the items of that second we have told already, and the ETag of its listing. */
const Position = z.strictObject({
  since: z.iso.datetime(),
  told: z.array(z.number()).max(PAGE),
  etag: z.string().optional(),
});
type Position = z.infer<typeof Position>;

const BEGINNING: Position = { since: '1970-01-01T00:00:00Z', told: [] };

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

function requestOf(project: GithubProject, since: string): TrackerRequest {
  const query = { state: 'all', sort: 'updated', direction: 'asc', since, per_page: PAGE };
  return { method: 'GET', path: `${project.path}/issues`, query };
}

/** Start at the last change, or without any now, by the tracker's own clock: then a listing in which nothing is new is not empty. */
async function startNow(project: GithubProject, signal: AbortSignal): Promise<Position> {
  const query = { state: 'all', sort: 'updated', direction: 'desc', per_page: 1 };
  const answer = await project.send({ method: 'GET', path: `${project.path}/issues`, query }, signal);
  const [last] = dataOf(answer, GithubIssueHints, 'list issues', project.clock.now());
  const listedAt = serverTime(answer, project.clock);
  if (last === undefined) return { since: wholeSecond(listedAt.toISOString()), told: [] };
  return advance({ since: secondOf(last), told: [] }, [last], listedAt, null);
}

/**
 * Every issue changed since the cursor, oldest change first. The next request starts at the last item's second,
 * so that a page that shifts meanwhile loses nothing; the Link is followed only inside one second. An ETag is
 * kept only of a listing that fits on one page: of a longer one it would not tell of what comes after. Nor of an empty one: if it
 * should not have been empty, its ETag would hide the rest for ever.
 * https://docs.github.com/en/rest/issues/issues#list-repository-issues
 */
export async function* changesSince(
  project: GithubProject,
  cursor: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<ChangePage> {
  if (cursor === null) {
    yield { refs: [], cursor: cursorOf(await startNow(project, signal)) };
    return;
  }
  let position = positionOf(cursor);
  const seen = new Set<string>();
  let request: TrackerRequest | undefined = conditional(requestOf(project, position.since), position.etag);
  while (request !== undefined) {
    const { since } = position;
    const answer: TrackerResponse = await project.send(request, signal);
    if (answer.status === 304) {
      yield { refs: [], cursor: cursorOf(position) };
      return;
    }
    if (answer.status !== 200) throw refusal(answer, 'list changed issues', project.clock.now());
    const page = dataOf(answer, GithubIssueHints, 'list changed issues', project.clock.now());
    const next = nextPage(answer);
    const fresh = page.filter((item) => isNews(item, position, seen));
    const isWhole = page.length > 0 && next === undefined && request.url === undefined;
    const etag = isWhole ? answer.headers.get('etag') : null;
    position = advance(position, page, serverTime(answer, project.clock), etag);
    const issues = fresh.filter((item) => item.pull_request === undefined);
    yield { refs: issues.map(refOf), cursor: cursorOf(position) };
    request = following(project, since, position.since, next);
  }
}

function conditional(request: TrackerRequest, etag: string | undefined): TrackerRequest {
  return etag === undefined ? request : { ...request, headers: { 'if-none-match': etag } };
}

function following(
  project: GithubProject,
  before: string,
  after: string,
  next: string | undefined,
): TrackerRequest | undefined {
  if (next === undefined) return undefined;
  if (after !== before) return requestOf(project, after);
  return { method: 'GET', path: `${project.path}/issues`, url: next };
}

function secondOf(item: Hints[number]): string {
  return wholeSecond(item.updated_at);
}

function isNews(item: Hints[number], position: Position, seen: Set<string>): boolean {
  const key = `${item.node_id} ${item.updated_at}`;
  const told = secondOf(item) === position.since && position.told.includes(item.number);
  if (told || seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** The stored second moves only when a page brought a later one: an unchanged poll keeps its URL and its ETag. */
function advance(position: Position, page: Hints, listedAt: Date, etag: string | null): Position {
  const since = page.map(secondOf).reduce((latest, each) => (each > latest ? each : latest), position.since);
  const settled = listedAt.getTime() >= Date.parse(since) + SETTLED_MS;
  const last = settled ? page.filter((item) => secondOf(item) === since).map((item) => item.number) : [];
  const told = since === position.since ? [...new Set([...position.told, ...last])] : last;
  const moved = since !== position.since;
  return {
    since,
    told: told.slice(-PAGE),
    ...(etag !== null && !moved ? { etag } : {}),
  };
}
