import type { Delivery, NewEvent, PublishedEvent } from '../domain/event.ts';
import type { IntegrationState, ProviderId } from '../domain/integration.ts';
import type { Tx } from './repositories.ts';

/** The only source of truth. Every method of a repository belongs to one tenant and one transaction. */
export interface Store {
  tenant(tenantId: string): TenantStore;
  dispatch: Dispatch;
  /** Secrets of the whole installation, sealed by the caller. */
  installation: InstallationSecrets;
  durability: 'process crash' | 'fsync';
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface TenantStore {
  tenantId: string;
  /**
   * One transaction; rolls back when `work` throws. Never call the network inside. Isolation is at least READ COMMITTED: a
   * statement sees what is committed when it begins, and may wait for a row that another transaction has written.
   * Deadlocks and serialisation failures are retried from the start. Throws `unavailable` when the connection is lost.
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface InstallationSecrets {
  get(name: string): Promise<string | undefined>;
  /** Keeps the first: answers what is stored, which may be another replica's. */
  putOnce(name: string, sealed: string): Promise<string>;
  names(): Promise<readonly string[]>;
  /** Puts `to` in the place of `from`. False: something else stands there by now. */
  replace(name: string, from: string, to: string): Promise<boolean>;
  /** Ids of the keys that any row but a deleted integration's is sealed with (the `kid` in its protected header). */
  keysInUse(): Promise<readonly string[]>;
}

/** One worker's claim on one integration. `epoch` grows with every take-over and fences its writes. */
export interface Lease {
  tenantId: string;
  integrationId: string;
  worker: string;
  epoch: number;
  /** By the database's clock, ISO. */
  expiresAt: string;
}

/** Whose work a worker takes. */
export type Whose = 'any' | 'unserved';

/** What a worker, the webhook door and the publisher may do before a tenant is known. */
export interface Dispatch {
  /**
   * Claim one integration that is due and free, tenants taking turns; undefined = nothing to do. Database clock.
   * `unserved`: of tenants for whom nobody works at this moment, so that one that is busy cannot take every worker.
   */
  claim(worker: string, leaseMs: number, whose?: Whose): Promise<Lease | undefined>;
  /** The lease with its new end; undefined = it was lost. */
  renew(lease: Lease, leaseMs: number): Promise<Lease | undefined>;
  /** Give it back. Due again at `nextDueAt` (null = when woken), or at once if it was woken meanwhile. */
  release(lease: Lease, nextDueAt: string | null): Promise<void>;
  /** When the earliest integration is due; for sleeping workers. */
  nextDueAt(): Promise<string | null>;
  /** What the webhook door needs of an integration, whoever's it is; undefined = unknown or deleted. */
  door(integrationId: string): Promise<Door | undefined>;
  /**
   * Keep a verified delivery, its dedupe row, the dirty issues, the wake-up and what is told of it, in one transaction; the tenant
   * comes from the integration's row. One whose issues nobody linked, while none is being created, is kept as ignored
   * and wakes nobody. False: we had it already, or the integration is gone; nothing was kept.
   */
  accept(
    delivery: Omit<Delivery, 'verdict' | 'processedAt'> & { ignored?: string },
    issueIds: readonly string[],
    events?: readonly NewEvent[],
  ): Promise<boolean>;
  /** Give the oldest unpublished events their place in the sequence (one publisher at a time), and answer them. */
  sequence(limit: number): Promise<readonly PublishedEvent[]>;
  markPublished(ids: readonly string[]): Promise<void>;
  /**
   * Give journal entries that have none their places in their tenants' chains (`domain/audit.ts`), the oldest first. Answers how
   * many; 0 also while another process does it.
   */
  chain(limit: number): Promise<number>;
  /** Ids of all tenants of whom the journal tells something. */
  auditedTenants(): Promise<readonly string[]>;
  /** Delete what is older than its retention; answers how many rows went. */
  prune(before: {
    deliveries: string;
    dedupe: string;
    events: string;
    idempotency: string;
    changes: string;
    heldImports: string;
    /** Runs with their items, plans, ops and conflicts that are settled; the newest run and plan of an integration stay. */
    runs: string;
  }): Promise<number>;
  /** Every integration's provider and state, counted, over all tenants; for metrics. */
  integrationCounts(): Promise<readonly { provider: ProviderId; state: IntegrationState; count: number }[]>;
  /** Ids of all tenants with integrations or models. */
  tenants(): Promise<readonly string[]>;
}

export interface Door {
  tenantId: string;
  integrationId: string;
  provider: ProviderId;
  projectId?: string;
  /** How the hook's deliveries are proven, as it was registered. */
  scheme?: string;
  /** Sealed; the current one first. */
  webhookSecrets: readonly string[];
}
