import { AppError, TrackerError } from '../domain/errors.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Endpoint, Pace, TrackerRequest, TrackerResponse } from '../ports/tracker.ts';
import type { Way } from '../ports/outbound.ts';
import type { Breaker } from './breaker.ts';
import { withoutEcho } from './echo.ts';
import type { Outgoing, Wire } from './exchange.ts';
import type { Lane } from './pace.ts';
import { withRetries } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import { retryAfterOf } from './retry-after.ts';
import { targetOf } from './target.ts';

/** How one request to a tracker ended; `stopped` is its caller's doing. */
export type RequestOutcome =
  '2xx' | '3xx' | '4xx' | '5xx' | 'rate-limited' | 'unreachable' | 'nonsense' | 'refused' | 'stopped';

/** Where the transport counts what it does. */
export interface TransportMetrics {
  trackerRequest(outcome: RequestOutcome, seconds: number): void;
  /** Time spent waiting for our turn, in seconds. */
  trackerWait(seconds: number): void;
}

/** What all integrations at one host share. */
export interface Host {
  breaker: Breaker;
  retries: RetryBudget;
}

interface WayParts {
  clock: Clock;
  chance: Chance;
  metrics: TransportMetrics;
  userAgent: string;
  wire: Wire;
  host: Host;
  lane: Lane;
  beforeWrite?: () => Promise<void>;
}

/** retry(lane(breaker(timeout(send)))), for one integration. */
export function wayTo(connection: Endpoint, parts: WayParts): Way {
  const { clock, chance, metrics, lane } = parts;
  const { breaker, retries } = parts.host;
  let calls = 0;

  const seconds = (since: Date): number => (clock.now().getTime() - since.getTime()) / 1000;

  async function call(outgoing: Outgoing, signal: AbortSignal): Promise<TrackerResponse> {
    if (!outgoing.reads) await parts.beforeWrite?.();
    const startedAt = clock.now();
    const count = (outcome: RequestOutcome): void => metrics.trackerRequest(outcome, seconds(startedAt));
    calls += 1;
    try {
      const answer = withoutEcho(await parts.wire(outgoing, signal), outgoing);
      count(outcomeOf(answer, isLimited(answer, paceOf(answer))));
      return answer;
    } catch (error) {
      count(signal.aborted ? 'stopped' : outcomeOfError(error));
      throw error;
    }
  }

  function paceOf({ status, headers, text }: TrackerResponse): Pace | undefined {
    return connection.pace(status, headers, text, clock.now());
  }

  /** One try: wait for our turn, call, learn from the answer; a refusal or a broken answer becomes an error. */
  async function attempt(outgoing: Outgoing, signal: AbortSignal): Promise<TrackerResponse> {
    await breaker.check();
    const askedAt = clock.now();
    const leave = await lane.enter(outgoing.request.createsContent === true, signal);
    metrics.trackerWait(seconds(askedAt));
    try {
      const answer = await breaker.run(() => call(outgoing, signal));
      const pace = paceOf(answer);
      if (pace?.itemResumeAt !== undefined) throw itemLimited(outgoing, answer.status, pace.itemResumeAt);
      const limited = isLimited(answer, pace);
      const retryAt = retryAfterOf(answer.headers, clock.now().getTime());
      lane.observe({ pace, retryAt, limited });
      if (limited || answer.status >= 500) throw failureOf(answer, limited, outgoing, lane.pace()?.resumeAt);
      return answer;
    } finally {
      leave();
    }
  }

  return {
    calls: () => calls,
    async send(request, signal) {
      const outgoing = outgoingOf(connection, request, parts.userAgent);
      return withRetries(() => attempt(outgoing, signal), retries, { clock, chance, signal });
    },
  };
}

function outgoingOf(connection: Endpoint, request: TrackerRequest, userAgent: string): Outgoing {
  const headers = new Headers({
    'user-agent': userAgent,
    accept: 'application/json',
    'accept-encoding': 'gzip',
  });
  if (request.json !== undefined) headers.set('content-type', 'application/json');
  if (request.form !== undefined) headers.set('content-type', 'application/x-www-form-urlencoded');
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
  const signature = request.anonymous === true ? {} : connection.sign();
  for (const [name, value] of Object.entries(signature)) headers.set(name, value);
  return {
    request,
    url: targetOf(connection.apiRoot, request),
    headers: Object.fromEntries(headers),
    reads: request.method === 'GET' || request.reads === true,
    ...(connection.tls === undefined ? {} : { tls: connection.tls }),
  };
}

/** GitHub says 403 where others say 429; without a word on when to come back, a 403 is about permission. */
function isLimited({ status, headers }: TrackerResponse, pace: Pace | undefined): boolean {
  if (status === 429) return true;
  return status === 403 && (pace?.resumeAt !== undefined || headers.has('retry-after'));
}

/** Too many writes to one item say nothing of the pace of the others. */
function itemLimited({ url }: Outgoing, status: number, resumeAt: string): TrackerError {
  const message = `${url.host} asked us to leave this item alone until ${resumeAt} (${status}).`;
  return new TrackerError('tracker-rate-limited', message, {
    arrived: 'no',
    status,
    resumeAt,
    itemOnly: true,
  });
}

function failureOf(
  { status }: TrackerResponse,
  limited: boolean,
  { url, reads }: Outgoing,
  resumeAt: string | undefined,
): TrackerError {
  const later = resumeAt === undefined ? {} : { resumeAt };
  if (limited)
    return new TrackerError('tracker-rate-limited', `${url.host} asked us to slow down (${status}).`, {
      arrived: 'no',
      status,
      ...later,
    });
  return new TrackerError('tracker-unreachable', `${url.host} answered ${status}: it is failing.`, {
    arrived: reads ? 'no' : 'maybe',
    status,
    ...later,
  });
}

function outcomeOf({ status }: TrackerResponse, limited: boolean): RequestOutcome {
  if (limited) return 'rate-limited';
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  return status >= 300 ? '3xx' : '2xx';
}

function outcomeOfError(error: unknown): RequestOutcome {
  if (!(error instanceof AppError)) return 'unreachable';
  if (error.code === 'base-url-refused') return 'refused';
  return error.code === 'tracker-nonsense' ? 'nonsense' : 'unreachable';
}
