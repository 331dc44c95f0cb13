import type { CanonicalModel } from '../domain/canonical.ts';
import type { Delivery, PublishedEvent } from '../domain/event.ts';
import type {
  Filter,
  Granularity,
  Integration,
  IntegrationState,
  Limits,
  Mapping,
  ParentChoice,
  ProviderId,
} from '../domain/integration.ts';
import type { Plan } from '../domain/plan.ts';
import type { Rule } from '../domain/rules.ts';
import type { Run, RunItem, RunState } from '../domain/run.ts';
import type { ThreatModel, Warning } from '../domain/threat.ts';
import type { IdempotencyKeys } from '../ports/idempotency.ts';
import type { LinkCounts, Page, PageQuery } from '../ports/repositories.ts';
import type { CheckItem, WebhookRequest } from '../ports/tracker.ts';
import type { ConflictCases } from './conflicts.ts';
import type { DeadLetterCases } from './dead-letters.ts';
import type { HeldImportCases } from './held-imports.ts';
import type { LinkCases } from './links.ts';
import type { ExplanationCases } from './explanation.ts';
import type { UndoCases } from './undo.ts';
import type { HealthCases } from './small-cases.ts';
import type { ThreatCases } from './threats.ts';
import type { ChainedEntry } from '../domain/audit.ts';

/** Who asks: the tenant of the token and its subject, for the journal. */
export interface Caller {
  tenantId: string;
  actor: string;
  requestId?: string;
}

/** The published body of an integration. `config` and `credentials` are checked by the provider's own schema. */
export interface IntegrationInput {
  name: string;
  provider: string;
  config: Readonly<Record<string, unknown>>;
  credentials: Readonly<Record<string, unknown>>;
  syncIntervalMinutes?: number | null | undefined;
  enabled?: boolean | undefined;
  mapping?: MappingInput | undefined;
  filter?: Partial<Filter> | undefined;
  limits?: Partial<Limits> | undefined;
  /** null = issues stand by themselves. */
  parent?: ParentChoice | null | undefined;
  /** Of what there are issues; `threat` when not named. */
  granularity?: Granularity | undefined;
  gate?: boolean | undefined;
  /** null = what is accepted in the tracker does not end by itself. */
  acceptance?: Integration['acceptance'] | null;
  autoApply?: boolean | undefined;
  allowPublic?: boolean | undefined;
  allowOtherInstallation?: boolean | undefined;
}

/** What is named replaces; what is not keeps its default (create) or its value (change). */
export interface MappingInput {
  status?: Partial<Mapping['status']> | undefined;
  severity?: Partial<Mapping['severity']> | undefined;
  policies?: Partial<Mapping['policies']> | undefined;
  /** All of them, in their order. */
  rules?: readonly Rule[] | undefined;
  missing?: Mapping['missing'] | undefined;
}

/** The health of an integration, for a person who asks "is it working, what needs me?". */
export interface IntegrationStatus {
  integrationId: string;
  health: 'healthy' | 'waiting' | 'degraded' | 'paused' | 'broken';
  /** One sentence: what is so and what to do. */
  summary: string;
  state: IntegrationState;
  since: string;
  lastRun?: Run;
  nextRunAt?: string;
  counts: {
    inSync: number;
    pending: number;
    conflicts: number;
    needsAnswer: number;
    /** Links of which a field is held after an undo. */
    held: number;
    failed: number;
    links: LinkCounts['states'];
  };
  /** The tracker's rate budget as last seen. */
  rate?: {
    remaining?: number;
    limit?: number;
    resetsAt?: string;
    resumeAt?: string;
    breaker: 'closed' | 'open' | 'half-open';
  };
  webhook: {
    state: 'registered' | 'manual' | 'failing';
    url?: string;
    detail: string;
    lastDeliveryAt?: string;
  };
  /** Where issues shall stand under a parent: whether they do, and what to do where they do not. */
  parent?: { state: 'ok' | 'waiting' | 'degraded' | 'gone'; detail: string };
  /** Failures grouped by cause. */
  problems: readonly { code: string; message: string; count: number }[];
}

export interface ConnectReport {
  ok: boolean;
  checks: readonly CheckItem[];
}

/** An explicit sync: approves a plan, some of its items, or as many creates as named. */
export interface SyncRequest {
  planId?: string | undefined;
  /** Ids of items of that plan: only these are written. Throws `unprocessable` where one is not in it, or writes nothing. */
  items?: readonly string[] | undefined;
  confirm?: { creates?: number | undefined } | undefined;
  /** Read every linked issue, not only those said to have changed. */
  full?: boolean | undefined;
}

export interface ImportRequest {
  bytes: Uint8Array;
  modelId?: string | undefined;
  source?:
    { repo?: string | undefined; path?: string | undefined; revision?: string | undefined } | undefined;
  /** Make a new model even where the file looks like one we have. */
  asNew?: boolean | undefined;
  /** Yes to an import that loses more than the guard allows. */
  confirm?: boolean | undefined;
}

/** What an import found and did; each list holds threat ids. */
export interface ImportReport {
  model: ThreatModel;
  detected: string;
  found: number;
  kept: readonly string[];
  fresh: readonly string[];
  renamed: readonly { id: string; from: string; to: string }[];
  gone: readonly string[];
  returned: readonly string[];
  /** Kept ones whose content or status changed. */
  changed: readonly string[];
  warnings: readonly Warning[];
}

export interface ModelFile {
  bytes: Uint8Array;
  fileName: string;
  /** Threats whose status the format cannot express. */
  unwritten: readonly { key: string; reason: string }[];
}

export interface IntegrationCases {
  create(caller: Caller, input: IntegrationInput): Promise<Integration>;
  get(caller: Caller, id: string): Promise<Integration>;
  list(
    caller: Caller,
    query: PageQuery & { provider?: ProviderId; state?: IntegrationState },
  ): Promise<Page<Integration>>;
  /** Throws `stale-version` when `expectedVersion` is given and is not the stored one. */
  change(
    caller: Caller,
    id: string,
    patch: Partial<IntegrationInput>,
    expectedVersion?: number,
  ): Promise<Integration>;
  remove(caller: Caller, id: string, expectedVersion?: number): Promise<void>;
  status(caller: Caller, id: string): Promise<IntegrationStatus>;
  /**
   * Makes a new webhook secret and tells it once, for a hook that a person adds in the tracker; a hook of ours gets it at
   * once. The one before is accepted until the next is made.
   */
  webhookSecret(caller: Caller, id: string): Promise<{ url?: string; secret: string; isRegistered: boolean }>;
  /** Tests a connection without storing anything. */
  connect(
    caller: Caller,
    input: Pick<IntegrationInput, 'provider' | 'config' | 'credentials'>,
  ): Promise<ConnectReport>;
}

export interface SyncCases {
  /** Starts a run or joins the one that is going on. */
  start(caller: Caller, integrationId: string, request: SyncRequest): Promise<Run>;
  /** The run as soon as it has finished, or as it is after `ms`. */
  wait(caller: Caller, runId: string, ms: number, signal?: AbortSignal): Promise<Run>;
  plan(caller: Caller, integrationId: string, signal?: AbortSignal): Promise<Plan>;
  runs(caller: Caller, integrationId: string, query: PageQuery & { state?: RunState }): Promise<Page<Run>>;
  run(caller: Caller, runId: string): Promise<Run>;
  items(caller: Caller, runId: string, query: PageQuery): Promise<Page<RunItem>>;
}

export interface ModelCases {
  import(caller: Caller, request: ImportRequest): Promise<ImportReport>;
  put(
    caller: Caller,
    id: string,
    model: CanonicalModel,
    options?: { expectedVersion?: number | undefined; confirm?: boolean | undefined },
  ): Promise<ImportReport>;
  get(caller: Caller, id: string): Promise<ThreatModel>;
  list(caller: Caller, query: PageQuery): Promise<Page<ThreatModel & { threats: number; open: number }>>;
  remove(caller: Caller, id: string, expectedVersion?: number): Promise<void>;
  /** The imported file with the statuses of our threats written into it. */
  file(caller: Caller, id: string): Promise<ModelFile>;
  /** The same as a unified diff; empty when nothing differs. */
  patch(caller: Caller, id: string): Promise<string>;
}

export interface DeliveryCases {
  list(caller: Caller, integrationId: string, query: PageQuery): Promise<Page<Omit<Delivery, 'body'>>>;
  /** Looks again at the issues of a delivery; enters as a new hint. */
  replay(caller: Caller, id: string): Promise<Omit<Delivery, 'body'>>;
}

export interface WebhookCases {
  /** Verifies, keeps and answers once committed. Throws `webhook-refused` for anything unproven, all alike. */
  receive(
    provider: string,
    integrationId: string,
    request: WebhookRequest,
  ): Promise<'accepted' | 'duplicate' | 'ignored'>;
}

export interface AuditCases {
  /** The tenant's journal in the order of its chain, after that entry. What has no place in it yet is not among it. */
  after(caller: Caller, sequence: number, limit: number): Promise<readonly ChainedEntry[]>;
}

export interface EventCases {
  after(caller: Caller, sequence: number, limit: number): Promise<readonly PublishedEvent[]>;
  lastSequence(caller: Caller): Promise<number>;
  /** Live events of the caller's tenant; answers how to stop. */
  subscribe(caller: Caller, listener: (event: PublishedEvent) => void): () => void;
}

export interface IdempotencyCases {
  begin(caller: Caller, key: string, requestHash: string): ReturnType<IdempotencyKeys['begin']>;
  finish(caller: Caller, key: string, answer: Parameters<IdempotencyKeys['finish']>[1]): Promise<void>;
  forget(caller: Caller, key: string): Promise<void>;
}

/** All that the HTTP API can ask for. */
export interface UseCases {
  integrations: IntegrationCases;
  sync: SyncCases;
  undo: UndoCases;
  models: ModelCases;
  heldImports: HeldImportCases;
  threats: ThreatCases;
  links: LinkCases;
  explanations: ExplanationCases;
  deadLetters: DeadLetterCases;
  conflicts: ConflictCases;
  deliveries: DeliveryCases;
  webhooks: WebhookCases;
  audit: AuditCases;
  events: EventCases;
  idempotency: IdempotencyCases;
  health: HealthCases;
}
