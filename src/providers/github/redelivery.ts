import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { Redelivery } from '../../ports/hooks.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { serverTime } from '../shared/answers.ts';
import { dataOf, refusal } from './answers.ts';
import type { GithubProject } from './project.ts';

type Place = Pick<GithubProject, 'send' | 'clock' | 'path'>;

const PAGE = 100;
/** In one look. */
const REDELIVERIES = 50;
/** Whoever refuses an event so often will not take it the next time. */
const FAILURES = 3;
/** GitHub waits up to thirty seconds for an answer: what is younger may not be in the list yet. */
const UNDER_WAY_MS = 60_000;

const Delivery = z.object({
  /** A 64-bit number, too long for one of JavaScript's. */
  id: z.string().regex(/^\d+$/),
  guid: z.string(),
  delivered_at: z.iso.datetime({ offset: true }),
  status_code: z.number(),
});
type Delivery = z.infer<typeof Delivery>;

const Source = z.object({ source: z.string() });

/** The answer with its ids as they were written. */
function withWholeIds(answer: TrackerResponse): TrackerResponse {
  if (answer.status !== 200 || answer.json === undefined) return answer;
  return { ...answer, json: JSON.parse(answer.text, idAsText) };
}

function idAsText(key: string, value: unknown, ...[context]: unknown[]): unknown {
  if (key !== 'id' || typeof value !== 'number') return value;
  return Source.safeParse(context).data?.source ?? value;
}

function isGood({ status_code: code }: Delivery): boolean {
  return code >= 200 && code < 300;
}

/** The newest delivery of each event that failed in that time and arrived by none; how often it has failed. */
function missedIn(
  deliveries: readonly Delivery[],
  since: number,
  until: number,
): { newest: Delivery; failures: number }[] {
  const arrived = new Set(deliveries.filter(isGood).map(({ guid }) => guid));
  const events = new Map<string, { newest: Delivery; failures: number }>();
  // Newest first.
  for (const delivery of deliveries) {
    if (arrived.has(delivery.guid)) continue;
    const known = events.get(delivery.guid);
    if (known === undefined) events.set(delivery.guid, { newest: delivery, failures: 1 });
    else known.failures += 1;
  }
  return [...events.values()].filter(({ newest }) => {
    const at = Date.parse(newest.delivered_at);
    return at > since && at <= until;
  });
}

/**
 * Sends again what a hook of the repository could not deliver. GitHub never does that by itself.
 * https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
 */
export async function redeliver(
  project: Place,
  hookId: string,
  since: string | undefined,
  signal: AbortSignal,
): Promise<Redelivery> {
  const path = `${project.path}/hooks/${encodeURIComponent(hookId)}/deliveries`;
  const query = { status: 'failure', per_page: PAGE };
  const answer = await project.send({ method: 'GET', path, query }, signal);
  const what = 'list deliveries of the webhook';
  const listed = dataOf(withWholeIds(answer), z.array(Delivery), what, project.clock.now());
  const until = serverTime(answer, project.clock).getTime() - UNDER_WAY_MS;
  const missed = missedIn(listed, since === undefined ? 0 : Date.parse(since), until);
  const again = missed.filter(({ failures }) => failures < FAILURES).slice(0, REDELIVERIES);
  let redelivered = 0;
  // The oldest first, as they happened.
  for (const { newest } of again.toReversed())
    if (await attempt(project, `${path}/${newest.id}/attempts`, signal)) redelivered += 1;
  return { missed: missed.length, redelivered, until: new Date(until).toISOString() };
}

/** False: GitHub does not know it any more. */
async function attempt(project: Place, path: string, signal: AbortSignal): Promise<boolean> {
  const answer = await project.send({ method: 'POST', path }, signal);
  if (answer.status === 202) return true;
  if (answer.status === 404 || answer.status === 422) return false;
  const error = refusal(answer, 'send a delivery again', project.clock.now());
  if (error.code !== 'tracker-forbidden') throw error;
  throw new TrackerError(
    error.code,
    'The token may not send deliveries again; give it write access to webhooks. What was missed is found by the schedule.',
    { arrived: 'no', status: 403, cause: error },
  );
}
