import type { ProviderId } from './integration.ts';
import type { FieldKey } from './link.ts';

export const EVENT_TYPES = [
  'integration:created',
  'integration:updated',
  'integration:deleted',
  'sync:started',
  'sync:progress',
  'sync:completed',
  'sync:failed',
  'webhook:received',
  'webhook:processed',
  'threat:updated',
  'conflict:detected',
  'conflict:resolved',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Something that happened, before it gets its place in the sequence. */
export interface NewEvent {
  type: EventType;
  /** What it is about: an integration, run, threat or conflict id. */
  subject: string;
  data: Readonly<Record<string, unknown>>;
}

/** A published event: CloudEvents 1.0, with the tenant's gapless sequence. */
export interface PublishedEvent extends NewEvent {
  id: string;
  tenantId: string;
  sequence: number;
  time: string;
}

/** One webhook request, verified and kept. */
export interface Delivery {
  id: string;
  integrationId: string;
  provider: ProviderId;
  /** The tracker's own id of the delivery, the same when it is sent again. */
  deliveryId: string;
  event: string;
  verdict: 'accepted' | 'ignored' | 'processed' | 'failed';
  reason?: string;
  issueKeys: readonly string[];
  receivedAt: string;
  processedAt?: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** What we did and why, for people; append only. */
export interface JournalEntry {
  at: string;
  /** A person's subject, `sync`, or the tracker. */
  actor: string;
  action: string;
  /** Of the request that asked for it (`X-Request-Id`). */
  requestId?: string;
  runId?: string;
  integrationId?: string;
  linkId?: string;
  threatId?: string;
  /** It is about this mitigation of the threat. */
  mitigationKey?: string;
  field?: FieldKey;
  before?: string | null;
  after?: string | null;
  note?: string;
}
