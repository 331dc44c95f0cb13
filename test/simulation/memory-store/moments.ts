import type { Clock } from '../../../src/ports/clock.ts';

const MILLISECONDS = '2026-01-01T00:00:00.000Z'.length;

/**
 * The store's clock. A moment is an ISO time with milliseconds and a place behind it, so that two transactions in
 * one millisecond have an order, as PostgreSQL's microseconds give them. As text moments sort by time; a time that
 * a caller gave has no place and comes before all that happened in its millisecond. No place leaves the store.
 */
export class Moments {
  readonly #clock: Pick<Clock, 'now'>;
  #at = '';
  #place = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  now(): string {
    const at = this.#clock.now().toISOString();
    this.#place = at === this.#at ? this.#place + 1 : 1;
    this.#at = at;
    return `${at}#${String(this.#place).padStart(12, '0')}`;
  }
}

/** That moment, so many milliseconds later. */
export function later(moment: string, ms: number): string {
  const time = new Date(Date.parse(shown(moment)) + ms).toISOString();
  return time + moment.slice(MILLISECONDS);
}

/** As the SQL store answers it. */
export function shown(moment: string): string;
export function shown(moment: string | null): string | null;
export function shown(moment: string | null): string | null {
  return moment === null ? null : moment.slice(0, MILLISECONDS);
}

/** The earlier of two; null is none. */
export function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
