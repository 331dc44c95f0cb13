import type { Delivery, NewEvent, PublishedEvent } from '../domain/event.ts';
import type { Filter, Integration, IntegrationState, ProviderId } from '../domain/integration.ts';
import type { KeptComment, Link, LinkState, Op } from '../domain/link.ts';
import type { Plan } from '../domain/plan.ts';
import type { Run, RunItem, RunState } from '../domain/run.ts';
import type { Format, Severity, Status, Threat, ThreatModel } from '../domain/threat.ts';
import type { Conflicts } from './conflicts.ts';
import type { HeldImports } from './held-imports.ts';
import type { Journal } from './journal.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import type { RunChanges } from './run-changes.ts';
import type { Lease } from './store.ts';

/** A page of a keyset listing. `cursor` is opaque; absent = the last page. */
export interface Page<T> {
  items: readonly T[];
  nextCursor?: string;
}
export interface PageQuery {
  limit: number;
  cursor?: string;
}

/** What is dirty: a link to be looked at again. `generation` makes sure that no wake-up between read and clear is lost. */
export interface Dirty {
  linkId: string;
  generation: number;
  attempts: number;
  dueAt: string;
  /** Read the issue; false when only the threat side moved. */
  reason: 'issue' | 'threat' | 'sweep' | 'retry' | 'question' | 'settle' | 'resolution';
}

/**
 * The repositories of one tenant in one transaction. What is handed over and what is read are copies, as through JSON:
 * undefined members are left out. Ids are UUIDs and times ISO. A second row of the same id, a row that points at
 * nothing, and an argument that is no UUID or no time are mistakes: the statement is refused, and with it the whole
 * transaction, even when its work goes on. An `AppError` that a method names alone ends nothing.
 */
export interface Tx {
  tenantId: string;
  integrations: Integrations;
  models: Models;
  heldImports: HeldImports;
  threats: Threats;
  links: Links;
  ops: Ops;
  dirty: DirtySet;
  deliveries: Deliveries;
  events: Outbox;
  journal: Journal;
  runs: Runs;
  changes: RunChanges;
  plans: Plans;
  conflicts: Conflicts;
  comments: Comments;
  idempotency: IdempotencyKeys;
}

export interface SealedSecrets {
  credentials: string;
  /** The current one first; a second one while a rotation lasts. */
  webhookSecrets: readonly string[];
}

export type Learned = Partial<
  Pick<
    Integration,
    | 'state'
    | 'stateReason'
    | 'stateSince'
    | 'bound'
    | 'webhook'
    | 'missedDeliveries'
    | 'rewound'
    | 'refusedWrites'
    | 'cursor'
    | 'lastSweepAt'
    | 'nextPollAt'
    | 'namedParent'
  >
>;

export interface Integrations {
  insert(integration: Integration, sealed: SealedSecrets): Promise<void>;
  /** Undefined also for deleted ones. */
  get(id: string): Promise<Integration | undefined>;
  list(query: PageQuery & { provider?: ProviderId; state?: IntegrationState }): Promise<Page<Integration>>;
  /**
   * Writes the whole row and counts its version up; throws `stale-version` unless that is the stored one. Who works with the
   * old settings loses the lease, and it is due at once. `deleted` also empties its dirty set and turns linked links dormant.
   */
  update(integration: Integration): Promise<Integration>;
  /** Writes what the engine learned; a key that is not named stays. Neither asks for the version nor counts it: an ETag is about settings. */
  note(id: string, learned: Learned): Promise<void>;
  sealed(id: string): Promise<SealedSecrets | undefined>;
  seal(id: string, sealed: Partial<SealedSecrets>): Promise<void>;
  /** What is sealed, of every integration that is not deleted, by id after `afterId`. Deleting one forgets its secrets. */
  sealedAfter(
    afterId: string | undefined,
    limit: number,
  ): Promise<readonly { id: string; sealed: SealedSecrets }[]>;
  /** Puts `to` in the place of `from`. False: something else was sealed meanwhile. */
  reseal(id: string, from: SealedSecrets, to: SealedSecrets): Promise<boolean>;
  /** True: the caller alone renews the credentials for `ms` (database clock), or until `releaseRenewal`. */
  claimRenewal(id: string, ms: number): Promise<boolean>;
  releaseRenewal(id: string): Promise<void>;
  /** This tenant's living integrations bound to that project of that host (`bound.host`, else that of its URL). */
  ofProject(host: string, projectId: string): Promise<readonly string[]>;
  /** Make it due now, and again if it is being worked on. */
  wake(id: string): Promise<void>;
  /** Set the next due time unless it is due earlier; null = only when woken. */
  schedule(id: string, dueAt: string | null): Promise<void>;
  nextDueAt(id: string): Promise<string | null>;
  /** Lock the lease's row; throws `lease-lost` unless this lease still holds it. */
  hold(lease: Lease): Promise<void>;
}

export interface Models {
  insert(model: ThreatModel, file?: Uint8Array): Promise<void>;
  get(id: string): Promise<ThreatModel | undefined>;
  /** By name, in the order of the database's collation. */
  list(query: PageQuery): Promise<Page<ThreatModel & { threats: number; open: number }>>;
  /** As `Integrations.update`. A file replaces the stored one. */
  update(model: ThreatModel, file?: Uint8Array): Promise<ThreatModel>;
  file(id: string): Promise<Uint8Array | undefined>;
  byName(name: string, format: Format): Promise<readonly ThreatModel[]>;
  bySource(repo: string | undefined, path: string): Promise<readonly ThreatModel[]>;
  /** How many of these keys and fingerprints belong to threats of each other model. */
  overlaps(
    keys: readonly string[],
    fingerprints: readonly string[],
  ): Promise<readonly { modelId: string; matches: number }[]>;
  /** With its threats. Links stay, for tombstones. */
  remove(id: string): Promise<boolean>;
}

export interface ThreatQuery extends PageQuery {
  modelId?: string;
  status?: Status;
  severity?: Severity;
  presence?: 'present' | 'missing';
  /** Title contains, case-insensitive. */
  search?: string;
  updatedSince?: string;
}

export interface Threats {
  /** Numbers are taken from the tenant's counter, in order. */
  insert(threats: readonly Omit<Threat, 'number' | 'version'>[]): Promise<readonly Threat[]>;
  get(id: string): Promise<Threat | undefined>;
  many(ids: readonly string[]): Promise<readonly Threat[]>;
  ofModel(modelId: string): Promise<readonly Threat[]>;
  list(query: ThreatQuery): Promise<Page<Threat>>;
  /** False: somebody changed it since `threat.version`; nothing was written. Counts the version up. */
  update(threat: Threat): Promise<boolean>;
  /**
   * Present threats that no link of the integration names (in any state) and that pass the filter, by number
   * after `afterNumber`. `filter.models` holds model ids here.
   */
  candidates(
    integrationId: string,
    filter: Filter,
    afterNumber: number,
    limit: number,
  ): Promise<readonly Threat[]>;
  /**
   * Present threats that pass the filter and have a mitigation still to be done which no link of the integration names (a
   * shared one: no link of any threat of its model), in models of these formats, by number after `afterNumber`. `isBound`: only
   * those whose own issue the integration has linked.
   */
  withMitigationsToDo(
    integrationId: string,
    filter: Filter,
    only: { formats: readonly Format[]; isBound: boolean },
    afterNumber: number,
    limit: number,
  ): Promise<readonly Threat[]>;
  /** Accepted and transferred ones whose acceptance ends by then, the first to end first. */
  accepted(until: string, limit: number): Promise<readonly Threat[]>;
  /** Of these threats, the ones another integration links (any state but detached). */
  linkedElsewhere(integrationId: string, threatIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Parents are not counted. */
export interface LinkCounts {
  states: Readonly<Partial<Record<LinkState, number>>>;
  conflicts: number;
  needsAnswer: number;
  /** Links of which a field is held after an undo. */
  held: number;
  failing: number;
  pending: number;
}

export interface Links {
  /** Throws `issue-already-linked` when the threat (or the issue on that host) has a link already. */
  insert(link: Link, host: string): Promise<void>;
  get(id: string): Promise<Link | undefined>;
  many(ids: readonly string[]): Promise<readonly Link[]>;
  /** False: changed since `link.version`; nothing was written. Counts the version up. Throws as `insert` on a doubled issue. */
  update(link: Link): Promise<boolean>;
  list(query: PageQuery & { integrationId: string; state?: LinkState }): Promise<Page<Link>>;
  ofThreats(threatIds: readonly string[]): Promise<readonly Link[]>;
  byIssues(integrationId: string, issueIds: readonly string[]): Promise<readonly Link[]>;
  counts(integrationId: string): Promise<LinkCounts>;
  /** Last errors of failing links, grouped by code, the most frequent first, with a sample's message. */
  problems(integrationId: string): Promise<readonly { code: string; message: string; count: number }[]>;
  /** Dormant links that deleted integrations left on the project of this one. */
  tombstones(integrationId: string): Promise<readonly Link[]>;
  /** Links of role `parent`, in any state, oldest first. */
  parents(integrationId: string): Promise<readonly Link[]>;
  /** Ids only, for sweeps. */
  idsOf(integrationId: string, states: readonly LinkState[]): Promise<readonly string[]>;
}

export interface Ops {
  insert(op: Op): Promise<void>;
  update(op: Op): Promise<void>;
  open(linkIds: readonly string[]): Promise<readonly Op[]>;
}

export interface DirtySet {
  /** Adds or counts the generation up; an earlier due time wins. */
  mark(
    integrationId: string,
    marks: readonly { linkId: string; reason: Dirty['reason']; dueAt?: string }[],
  ): Promise<void>;
  /** Due ones, oldest first. */
  due(integrationId: string, limit: number, now: string): Promise<readonly Dirty[]>;
  /** The marks of these links, due or not. */
  of(integrationId: string, linkIds: readonly string[]): Promise<readonly Dirty[]>;
  /** Only where the generation is still the one that was read. */
  clear(integrationId: string, taken: readonly Pick<Dirty, 'linkId' | 'generation'>[]): Promise<void>;
  /** Try again later, one attempt more. */
  defer(integrationId: string, linkId: string, dueAt: string): Promise<void>;
  nextDueAt(integrationId: string): Promise<string | null>;
  count(integrationId: string): Promise<number>;
}

export interface Deliveries {
  get(id: string): Promise<Delivery | undefined>;
  list(query: PageQuery & { integrationId: string }): Promise<Page<Omit<Delivery, 'body'>>>;
  /** Accepted ones that no run has finished; their issues are dirty. */
  unprocessed(integrationId: string, limit: number): Promise<readonly Omit<Delivery, 'body'>[]>;
  conclude(id: string, verdict: 'processed' | 'failed', at: string, reason?: string): Promise<void>;
  lastReceivedAt(integrationId: string): Promise<string | null>;
  /** The newest that named this issue. */
  lastAbout(integrationId: string, issueKey: string): Promise<Omit<Delivery, 'body'> | undefined>;
}

export interface Outbox {
  add(events: readonly NewEvent[], at: string): Promise<void>;
  /** Published ones after that sequence, oldest first. */
  after(sequence: number, limit: number): Promise<readonly PublishedEvent[]>;
  lastSequence(): Promise<number>;
  /** The next event is numbered above `sequence`. False: it would have been anyway, nothing was changed. */
  skipTo(sequence: number): Promise<boolean>;
}

export interface Runs {
  insert(run: Run): Promise<void>;
  update(run: Run): Promise<void>;
  get(id: string): Promise<Run | undefined>;
  list(query: PageQuery & { integrationId: string; state?: RunState }): Promise<Page<Run>>;
  /** Queued or running, the oldest. */
  active(integrationId: string): Promise<Run | undefined>;
  /** The newest that has finished. */
  last(integrationId: string): Promise<Run | undefined>;
  addItems(items: readonly RunItem[]): Promise<void>;
  items(runId: string, query: PageQuery): Promise<Page<RunItem>>;
  /** The newest item of this run about this link. */
  itemOf(runId: string, linkId: string): Promise<RunItem | undefined>;
}

export interface Plans {
  save(plan: Plan): Promise<void>;
  get(id: string): Promise<Plan | undefined>;
  /** The newest of an integration. */
  last(integrationId: string): Promise<Plan | undefined>;
}

export interface Comments {
  /** Replaces the kept comments of a link by these. */
  replace(linkId: string, comments: readonly KeptComment[]): Promise<void>;
  ofLinks(linkIds: readonly string[]): Promise<readonly KeptComment[]>;
}
