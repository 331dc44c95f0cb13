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

/** On whose behalf, and how long, a way is used. */
interface WayContext {
  tenantId: string;
  integrationId: string;
  account?: string;
  /** Called at the last moment before a request leaves that may change something; when it throws, the request does not leave. */
  beforeWrite?: () => Promise<void>;
}

/** The door to all trackers. */
export interface Outbound {
  /** Throws `base-url-refused` when the address may not be called; nothing is sent. */
  admit(url: URL): Promise<void>;
  /** `account` keys the pace together with the host: two tokens of a user share a limit. */
  open(endpoint: Endpoint, context: WayContext): Way;
  health(endpoint: Endpoint, account?: string): Promise<TrackerHealth>;
  close(): Promise<void>;
}
