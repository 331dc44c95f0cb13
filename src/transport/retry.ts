import { TrackerError } from '../domain/errors.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import { BreakerOpen } from './breaker.ts';
import { ConnectFailed } from './connector.ts';
import type { RetryBudget } from './retry-budget.ts';

const MOST_TRIES = 4;
const FIRST_WAIT_MS = 500;
/** No further try when the first one is this long ago, or the tracker asks for more. */
const PATIENCE_MS = 30_000;
/** What an error proposes when the tracker said nothing. */
const LATER_MS = 30_000;

/**
 * The one place that repeats calls, and only what surely had no effect: `arrived: 'no'`. Throws the last
 * failure, with a `resumeAt` unless only a person can help.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  budget: RetryBudget,
  { clock, chance, signal }: { clock: Clock; chance: Chance; signal: AbortSignal },
): Promise<T> {
  const startedAt = clock.now().getTime();
  budget.called();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const now = clock.now().getTime();
      const hasTime = tries < MOST_TRIES && now - startedAt < PATIENCE_MS;
      if (!hasTime || !isRepeatable(error, now) || !budget.spend()) throw withResumeAt(error, now);
      // The lane makes the next try wait as the tracker said; else wait here, each time by chance.
      if (error instanceof TrackerError && error.resumeAt === undefined)
        await clock.sleep(chance.fraction() * FIRST_WAIT_MS * 2 ** tries, signal);
    }
  }
}

function isRepeatable(error: unknown, now: number): boolean {
  if (!(error instanceof TrackerError) || error.arrived !== 'no') return false;
  if (error instanceof BreakerOpen || needsPerson(error) || error.itemOnly) return false;
  if (error.resumeAt !== undefined && Date.parse(error.resumeAt) - now > PATIENCE_MS) return false;
  return error.code === 'tracker-unreachable' || error.code === 'tracker-rate-limited';
}

function withResumeAt(error: unknown, now: number): unknown {
  if (!(error instanceof TrackerError) || error.resumeAt !== undefined || needsPerson(error)) return error;
  const { arrived, cause, status } = error;
  const resumeAt = new Date(now + LATER_MS).toISOString();
  return new TrackerError(error.code, error.message, {
    arrived,
    cause,
    resumeAt,
    ...(status === undefined ? {} : { status }),
  });
}

function needsPerson(error: TrackerError): boolean {
  if (error.code === 'tracker-nonsense') return true;
  return error.cause instanceof ConnectFailed && error.cause.lasting;
}
