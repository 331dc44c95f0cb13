import type { PublishedEvent } from '../domain/event.ts';

/** An event of the platform that came in. */
export interface InboundEvent {
  id: string;
  source: string;
  type: 'threat_model:created' | 'threat_model:updated' | 'threat_model:deleted';
  tenantId?: string;
  data: unknown;
}

/** Live events, at most once: the outbox and `GET /api/events` make up for what is missed. */
export interface EventBus {
  /** Until what is remembered can be asked for, or could not be within a few seconds. */
  opened(): Promise<void>;
  /** Throws when it could not be handed over; the outbox keeps it and tries again. */
  publish(event: PublishedEvent): Promise<void>;
  /** Answers how to stop. */
  subscribe(listener: (event: PublishedEvent) => void): () => void;
  onInbound(listener: (event: InboundEvent) => Promise<void>): void;
  /** Tell every replica's workers that there is work. */
  wake(): void;
  onWake(listener: () => void): () => void;
  /**
   * What is known outside the database about how far each tenant's sequence of events has come, so that a database which was
   * put back in time is noticed. By tenant id, the highest published sequence; it never goes down.
   */
  remember(sequences: ReadonlyMap<string, number>): Promise<void>;
  /** The highest sequence of this tenant that was remembered; 0 = nobody knows any. */
  remembered(tenantId: string): Promise<number>;
  /** For health: `up`, `down`, or `none` when there is no Redis. */
  health(): 'up' | 'down' | 'none';
  close(): Promise<void>;
}
