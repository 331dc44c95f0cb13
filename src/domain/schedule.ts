import { createHash } from 'node:crypto';

/**
 * The next slot of an integration's schedule after `now`, ISO: every integration has its own stable offset within the
 * period, so that a thousand hourly ones do not run at the full hour. Missed slots collapse into the next one.
 */
export function nextSlot(integrationId: string, periodMinutes: number, now: Date): string {
  const period = periodMinutes * 60_000;
  const hash = createHash('sha256').update(integrationId).digest().readUInt32BE(0);
  const offset = Math.floor((hash / 2 ** 32) * period);
  const slot = Math.floor((now.getTime() - offset) / period) + 1;
  return new Date(slot * period + offset).toISOString();
}
