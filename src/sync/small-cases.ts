import { messageOf } from '../domain/errors.ts';
import type { Parts } from './parts.ts';
import type { AuditCases, EventCases, IdempotencyCases } from './use-cases.ts';
import type { Workers } from './worker.ts';

/** Events of one tenant: those kept, and those that happen. */
export function eventCases({ store, bus }: Parts): EventCases {
  return {
    after: (caller, sequence, limit) =>
      store.tenant(caller.tenantId).transact((tx) => tx.events.after(sequence, limit)),
    lastSequence: (caller) => store.tenant(caller.tenantId).transact((tx) => tx.events.lastSequence()),
    subscribe: (caller, listener) =>
      bus.subscribe((event) => {
        if (event.tenantId === caller.tenantId) listener(event);
      }),
  };
}

/** Who did what, to be taken along and checked. */
export function auditCases({ store }: Pick<Parts, 'store'>): AuditCases {
  return {
    after: (caller, sequence, limit) =>
      store.tenant(caller.tenantId).transact((tx) => tx.journal.chained(sequence, limit)),
  };
}

/** Repeated POSTs. */
export function idempotencyCases({ store, clock }: Parts): IdempotencyCases {
  return {
    begin: (caller, key, hash) =>
      store
        .tenant(caller.tenantId)
        .transact((tx) => tx.idempotency.begin(key, hash, clock.now().toISOString())),
    finish: (caller, key, answer) =>
      store.tenant(caller.tenantId).transact((tx) => tx.idempotency.finish(key, answer)),
    forget: (caller, key) => store.tenant(caller.tenantId).transact((tx) => tx.idempotency.forget(key)),
  };
}

export interface Health {
  ready: boolean;
  durability: 'process crash' | 'fsync';
  parts: Readonly<
    Record<'database' | 'events' | 'worker', { state: 'up' | 'down' | 'none'; detail?: string }>
  >;
}

export interface HealthCases {
  check(): Promise<Health>;
}

/** Which part is missing. Events down is no reason to send requests elsewhere: the outbox keeps them. */
export function healthCases({ store, bus }: Parts, workers: Workers): HealthCases {
  return {
    async check() {
      const database = await store.ping().then(
        () => ({ state: 'up' as const }),
        (error: unknown) => ({ state: 'down' as const, detail: messageOf(error) }),
      );
      const worker = { state: workers.healthy() ? ('up' as const) : ('down' as const) };
      return {
        ready: database.state === 'up' && worker.state === 'up',
        durability: store.durability,
        parts: { database, events: { state: bus.health() }, worker },
      };
    },
  };
}
