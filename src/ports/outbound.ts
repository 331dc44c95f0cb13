import type { Endpoint, Send } from './tracker.ts';

/** One integration's way out, counting its calls. */
export interface Way {
  send: Send;
  /** Requests sent so far, retries included. */
  calls(): number;
}

/** What the last answers of a tracker said about our pace, and whether it answers at all. */
export interface TrackerHealth {
  remaining?: number;
  limit?: number;
  resetsAt?: string;
  /** No call before this. */
  resumeAt?: string;
  breaker: 'closed' | 'open' | 'half-open';
}

/** The door to all trackers. */
export interface Outbound {
  /** Throws `base-url-refused` when the address may not be called; nothing is sent. */
  admit(url: URL): Promise<void>;
  /** `account` keys the pace together with the host: two tokens of a user share a limit. */
  open(endpoint: Endpoint, context: { tenantId: string; integrationId: string; account?: string }): Way;
  health(endpoint: Endpoint, account?: string): TrackerHealth;
  close(): Promise<void>;
}
