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
  /** Throws when it could not be handed over; the outbox keeps it and tries again. */
  publish(event: PublishedEvent): Promise<void>;
  /** Answers how to stop. */
  subscribe(listener: (event: PublishedEvent) => void): () => void;
  onInbound(listener: (event: InboundEvent) => Promise<void>): void;
  /** Tell every replica's workers that there is work. */
  wake(): void;
  onWake(listener: () => void): () => void;
  /** For health: `up`, `down`, or `none` when there is no Redis. */
  health(): 'up' | 'down' | 'none';
  close(): Promise<void>;
}
