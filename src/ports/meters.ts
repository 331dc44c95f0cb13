import type { ProviderId } from '../domain/integration.ts';

/** What is counted and timed, in seconds; labels hold no ids. */
export interface Meters {
  runFinished(provider: ProviderId, outcome: string, seconds: number): void;
  webhook(provider: string, verdict: string, seconds: number): void;
  error(code: string): void;
}
