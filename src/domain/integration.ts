import type { ParentPlacing } from './parent.ts';
import type { Rule } from './rules.ts';
import type { Disposition } from './status-words.ts';
import type { Severity, Status } from './threat.ts';

export const PROVIDER_IDS = ['github', 'gitlab', 'jira', 'azure_devops'] as const;
export type ProviderId = (typeof PROVIDER_IDS)[number];

export const POLICIES = ['threat', 'issue', 'newest', 'ask'] as const;
/** Who wins a field that both sides changed differently; `ask` leaves it to a person. */
export type Policy = (typeof POLICIES)[number];

/** What a status of the tracker may mean: one of ours, or work that was done and looked at since. */
export type MappedStatus = Status | 'verified';

/** One integration's rules between a threat and its issue. */
export interface Mapping {
  /** Counted up with every change; baselines remember it. */
  version: number;
  status: {
    /** The tracker's status id → our status; wins over the category. */
    byId: Readonly<Record<string, MappedStatus>>;
    /** What a closed issue gives as its resolution (Jira) or reason (Azure DevOps) → the disposition it means; whatever its case. */
    byResolution?: Readonly<Record<string, Disposition>>;
    /** A label of the tracker → our status: on an open issue, such as `in progress` → `mitigating`; a disposition also on a closed one. */
    byLabel: Readonly<Record<string, Status>>;
    /** Our status → the tracker's status id to set. */
    toId: Readonly<Partial<Record<MappedStatus, string>>>;
  };
  severity: {
    /** Our severity → label; a missing one sets none. */
    labels: Readonly<Partial<Record<Severity, string>>>;
    /** Our severity → the tracker's priority by name. */
    priorities: Readonly<Partial<Record<Severity, string>>>;
  };
  policies: { status: Policy; title: Policy; block: Policy };
  /** Decisions that are kept: the first that fits wins over the policy. Absent = none. */
  rules?: readonly Rule[];
  /** What becomes of the issue of a threat that stays missing from its model after the grace time. */
  missing: 'keep' | 'close';
}

export const GRANULARITIES = ['threat', 'threat+mitigations', 'mitigation'] as const;
/**
 * What gets an issue: each threat; each threat, and under it each of its mitigations that is to be done; or such mitigations
 * alone.
 */
export type Granularity = (typeof GRANULARITIES)[number];

/** Which threats become issues. It gates creation only: a linked issue goes on being synchronised. */
export interface Filter {
  /** Model ids or names; absent means all, and only while the integration is its tenant's only one. */
  models?: readonly string[];
  severities: readonly Severity[];
  statuses: readonly Status[];
  /** Also threats of elements that the model calls out of scope. */
  outOfScope: boolean;
  /** Also threats that another integration already links. */
  alsoLinked: boolean;
}

export interface Limits {
  /** Creates in a sliding hour before a run asks. */
  creates: number;
}

export const INTEGRATION_STATES = [
  'new',
  'active',
  'paused',
  'reconnect-needed',
  'braked',
  'deleted',
] as const;
/** `new` plans and writes to neither side; the first explicit sync makes it `active`. */
export type IntegrationState = (typeof INTEGRATION_STATES)[number];

/** Under which issue the threats' issues stand: one for each threat model, or one that is there. */
export type ParentChoice = { kind: 'model' } | { kind: 'issue'; key: string };

/** What the tracker said of the issue that `ParentChoice` names. */
export interface NamedParent {
  /** The choice that it answers (`Integration.parent.since`). */
  since: string;
  /** Absent: there is no such issue. */
  issue?: { id: string; key: string; url: string };
  placing?: ParentPlacing;
  /** First of the two looks, ten minutes apart, that it takes to believe that it is gone. */
  missingSince?: string;
  /** Why nothing is put under it any more. */
  gone?: string;
}

/** What the tracker said of the project and the account at the last check. */
export interface BoundProject {
  /** Immutable id of the project at the tracker: a renamed repository's old name can be squatted. */
  projectId: string;
  /** The connection's host; absent = that of `url`. */
  host?: string;
  name: string;
  url: string;
  visibility: 'public' | 'internal' | 'private';
  /** Every account that check has reported, newest last; only their issues are adopted. */
  accountIds: readonly string[];
  account: string;
  /** Issues that carry the mark of another installation, counted when the project was bound; absent = none. */
  others?: { issues: number; sample: string };
}

export type WebhookState =
  | { kind: 'registered'; hookId: string; url: string; since: string; scheme: string }
  /**
   * No public URL is known, or the credential may not: `todo` says what to do by hand. `scheme` is that of a hook which was
   * registered before and may still deliver.
   */
  | { kind: 'manual'; url?: string; todo: string; scheme?: string }
  | { kind: 'failing'; reason: string; retryAt: string; scheme?: string };

/** The database was put back in time. Until a person has looked at what that means, this integration only plans. */
interface Rewound {
  noticedAt: string;
  /** Issues made since then may have links that the database has forgotten. */
  since: string;
  /** Their links are restored. */
  settledAt?: string;
  /** Threats and mitigations, by name, that may have one of those issues: another one is made only when a person has said so. */
  unsure?: readonly string[];
}

/** Writes that the tracker refused one after the other for want of permission, while everything is read. */
export interface RefusedWrites {
  /** What they were about, by issue or mark; the newest last. */
  refused: readonly string[];
  /** What the tracker said last. */
  reason: string;
  /** Nothing is written before; absent = they were too few to pause. */
  retryAt?: string;
  /** How often it was tried in vain since writes pause. */
  tries: number;
}

/** The last look at what a tracker could not deliver to a hook that we registered. */
export interface MissedDeliveries {
  hookId: string;
  lookedAt: string;
  /** By the tracker's clock: what came before was looked at. */
  until?: string;
  missed: number;
  redelivered: number;
  /** Why the tracker sent nothing again. */
  refused?: string;
}

export interface Integration {
  id: string;
  name: string;
  provider: ProviderId;
  /** The published `config` object, checked by the provider's zod schema. */
  config: Readonly<Record<string, unknown>>;
  /** Everything of `config` but labels and webhookUrl; a change makes pending work plan again. */
  mapping: Mapping;
  filter: Filter;
  limits: Limits;
  autoApply: boolean;
  allowPublic: boolean;
  /** Write to a project where another installation has made issues. */
  allowOtherInstallation: boolean;
  enabled: boolean;
  state: IntegrationState;
  /** Why it is in that state, for people. */
  stateReason?: string;
  stateSince: string;
  /** Minutes; null = only by hand and by webhook. */
  syncIntervalMinutes: number | null;
  /** Absent: issues stand by themselves. `since`: when it was last asked for. */
  parent?: ParentChoice & { since: string };
  /** Absent: `threat`. */
  granularity?: Granularity;
  /** A risk that is accepted in the tracker is accepted for at most so many days. */
  acceptance?: { maxDays: number };
  /** True: work that is done counts only once it was verified. */
  gate?: boolean;
  namedParent?: NamedParent;
  bound?: BoundProject;
  webhook: WebhookState;
  missedDeliveries?: MissedDeliveries;
  rewound?: Rewound;
  refusedWrites?: RefusedWrites;
  /** Where we stopped reading the tracker's changes; opaque outside its provider. */
  cursor?: string;
  lastSweepAt?: string;
  /** When the tracker's changes are next read by schedule. */
  nextPollAt?: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export function granularityOf({ granularity }: Pick<Integration, 'granularity'>): Granularity {
  return granularity ?? 'threat';
}
