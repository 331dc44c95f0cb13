import { TrackerError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { MissedDeliveries } from '../domain/integration.ts';
import type { Parts } from './parts.ts';
import type { Session } from './session.ts';

/** A tracker that will not is no reason to stop: what its deliveries told of is read by the schedule as well. */
const WILL_NOT: readonly ErrorCode[] = ['tracker-forbidden', 'tracker-refused', 'tracker-nonsense'];

/**
 * Asks the tracker for deliveries that did not reach us, so that its owner sees each of them arrive; seldom, and only for a hook
 * that we registered. What it found is kept for `status`.
 */
export async function redeliverMissed(
  parts: Parts,
  { integration, tracker, tenantId }: Session,
  signal: AbortSignal,
): Promise<'done' | 'hook-gone'> {
  const { webhook, missedDeliveries } = integration;
  if (webhook.kind !== 'registered' || tracker.hooks?.redeliver === undefined) return 'done';
  const { hookId } = webhook;
  const last = missedDeliveries?.hookId === hookId ? missedDeliveries : undefined;
  const now = parts.clock.now();
  const waited = now.getTime() - Date.parse(last?.lookedAt ?? webhook.since);
  if (waited < parts.timings.redeliverMs) return 'done';
  const looked = { hookId, lookedAt: now.toISOString() };
  let found: MissedDeliveries;
  try {
    found = { ...looked, ...(await tracker.hooks.redeliver(hookId, last?.until, signal)) };
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    if (error.code === 'tracker-not-found') return 'hook-gone';
    if (!WILL_NOT.includes(error.code)) throw error;
    const until = last?.until === undefined ? {} : { until: last.until };
    found = { ...looked, ...until, missed: 0, redelivered: 0, refused: error.message };
  }
  await parts.store
    .tenant(tenantId)
    .transact((tx) => tx.integrations.note(integration.id, { missedDeliveries: found }));
  return 'done';
}

/** What the last look found, in words; empty when nothing was missed. */
export function wordsOfMissed(last: MissedDeliveries | undefined): string {
  if (last === undefined) return '';
  if (last.refused !== undefined)
    return ` Whether deliveries were missed could not be seen at ${last.lookedAt}: ${last.refused}`;
  if (last.missed === 0) return '';
  const left = last.missed - last.redelivered;
  const rest =
    left === 0
      ? ''
      : ` The other ${left} failed three times or are too many: the schedule makes up for them.`;
  return ` Deliveries that had not arrived by ${last.lookedAt}: ${last.missed}; ${last.redelivered} were sent again.${rest}`;
}
