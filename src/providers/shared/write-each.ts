import { AppError, messageOf, TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';

/** How far one write has come: it decides what a failure means. */
export interface Attempt {
  /** A request that changes something was handed over. */
  sent: boolean;
  /** One has surely taken effect. */
  done: boolean;
}

/** What a tracker's way of writing one thing at a time needs to tell. */
export interface WriteOne {
  write(write: IssueWrite, attempt: Attempt): Promise<WriteOutcome>;
  /** The code of a refusal that a repeat will not change; undefined = it is none. */
  refusalCode(error: TrackerError): string | undefined;
  /** Where a tracker takes several writes in one request. */
  batch?: WriteBatch;
}

interface WriteBatch {
  /** How many of these writes, from the first on, go together; one or less = the first goes by itself. */
  size(writes: readonly IssueWrite[]): number;
  /** One outcome for each, in order. What is thrown is the outcome of them all. */
  write(writes: readonly IssueWrite[], attempt: Attempt): Promise<readonly WriteOutcome[]>;
}

/**
 * One outcome for each write, in order, one request after the other. Throws only when the very first write finds that the
 * credentials are refused.
 */
export async function writeEach(
  writes: readonly IssueWrite[],
  one: WriteOne,
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  let stopped: WriteOutcome | undefined;
  for (let at = 0; at < writes.length; at = outcomes.length) {
    const rest = writes.slice(at);
    if (stopped !== undefined || signal.aborted) {
      const outcome = stopped ?? { kind: 'later', reason: 'The run was stopped before this write.' };
      outcomes.push(...rest.map(() => outcome));
      continue;
    }
    const next = rest.slice(0, Math.max(1, one.batch?.size(rest) ?? 1));
    const attempt: Attempt = { sent: false, done: false };
    try {
      outcomes.push(...(await writeNext(next, one, attempt)));
    } catch (error) {
      if (outcomes.length === 0 && isUnauthorized(error)) throw error;
      const outcome = outcomeOf(error, attempt, one, signal);
      outcomes.push(...next.map(() => outcome));
      if (stopsAll(error)) stopped = laterOf(error);
    }
  }
  return outcomes;
}

async function writeNext(
  writes: readonly IssueWrite[],
  one: WriteOne,
  attempt: Attempt,
): Promise<readonly WriteOutcome[]> {
  const [first] = writes;
  if (first === undefined) return [];
  if (writes.length === 1 || one.batch === undefined) return [await one.write(first, attempt)];
  const outcomes = await one.batch.write(writes, attempt);
  return writes.map(
    (_, index) => outcomes[index] ?? { kind: 'unknown', reason: 'The tracker gave no outcome.' },
  );
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof TrackerError && error.code === 'tracker-unauthorized';
}

/** What fails one write and would fail the rest as well: nothing more is sent. */
function stopsAll(error: unknown): boolean {
  if (!(error instanceof TrackerError)) return false;
  if (error.itemOnly) return false;
  return isUnauthorized(error) || error.code === 'tracker-rate-limited' || isUnsent(error);
}

function isUnsent(error: TrackerError): boolean {
  return error.arrived === 'no' && error.status === undefined;
}

function laterOf(error: unknown): WriteOutcome {
  const resumeAt = error instanceof TrackerError ? error.resumeAt : undefined;
  return {
    kind: 'later',
    reason: messageOf(error),
    ...(resumeAt === undefined ? {} : { resumeAt }),
    ...(error instanceof TrackerError && error.itemOnly ? { itemOnly: true } : {}),
  };
}

function outcomeOf(error: unknown, attempt: Attempt, one: WriteOne, signal: AbortSignal): WriteOutcome {
  if (attempt.done) return { kind: 'unknown', reason: `A part of it was written, then: ${messageOf(error)}` };
  if (error instanceof TrackerError) {
    if (isUnauthorized(error) || error.code === 'tracker-rate-limited') return laterOf(error);
    const code = one.refusalCode(error);
    if (code !== undefined) return { kind: 'refused', code, reason: error.message };
    if (!attempt.sent || isUnsent(error)) return laterOf(error);
    if (error.arrived === 'maybe') return { kind: 'unknown', reason: error.message };
    return { kind: 'refused', code: 'refused', reason: error.message };
  }
  if (error instanceof AppError) return { kind: 'refused', code: error.code, reason: error.message };
  if (!signal.aborted) throw error;
  return attempt.sent
    ? { kind: 'unknown', reason: 'The run was stopped during this write.' }
    : laterOf(error);
}
