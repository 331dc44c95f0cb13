import type { Delivery } from './event.ts';
import type { HeldImport } from './held-import.ts';
import type { Integration } from './integration.ts';
import type { Conflict, Link, Op } from './link.ts';
import type { PlanItem } from './plan.ts';
import type { Run, RunItem } from './run.ts';
import type { Threat } from './threat.ts';

/** How a threat and its issue stand. Where several are so, the first of them here is the answer. */
export const VERDICTS = [
  'left-out',
  'stopped',
  'waits-for-person',
  'failing',
  'on-its-way',
  'in-sync',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const TOPICS = [
  'integration',
  'state',
  'model',
  'filter',
  'field',
  'rule',
  'write',
  'plan',
  'run',
  'delivery',
  'error',
  'next',
] as const;
type Topic = (typeof TOPICS)[number];

/** One thing that is so, for people. */
export interface Fact {
  about: Topic;
  sentence: string;
  /** What a person can do about it. */
  todo?: string;
  /** What the pair is because of it; absent = it changes nothing. */
  means?: Exclude<Verdict, 'in-sync'>;
}

/** All that is known of one threat in one integration, gathered to be told. */
export interface Situation {
  now: string;
  /** The operator has paused all synchronisation. */
  paused: boolean;
  /** Failures after which a link is set aside. */
  retryLimit: number;
  /** Undefined: it was deleted. */
  integration: Integration | undefined;
  /** This version can speak to its tracker. */
  isSynchronised: boolean;
  /** Undefined: it was removed with its model, or the link is that of a parent. */
  threat: Pick<Threat, 'number' | 'presence' | 'status' | 'acceptance'> | undefined;
  /** Of the threat's model. */
  heldImport?: Pick<HeldImport, 'id' | 'reason' | 'at'>;
  /** Undefined: the threat has no issue in this integration. */
  link: Link | undefined;
  /** Why the filter, or another integration's link, keeps the threat out; of a linked one it is only told. */
  refusal: { code: string; message: string } | undefined;
  /** Writes whose outcome is not known. */
  ops: readonly Pick<Op, 'kind' | 'createdAt'>[];
  conflicts: readonly Pick<Conflict, 'id' | 'field' | 'threat' | 'issue' | 'firstSeenAt'>[];
  /** When the pair is looked at again, and why. */
  due: { at: string; reason: string } | undefined;
  active: Pick<Run, 'id' | 'waiting'> | undefined;
  lastRun: Pick<Run, 'id' | 'state' | 'finishedAt' | 'error'> | undefined;
  /** What the last run did about this link. */
  lastItem: Pick<RunItem, 'outcome' | 'fields' | 'reason'> | undefined;
  /** The newest plan, and its line about this pair. */
  plan: { id: string; createdAt: string; item?: PlanItem } | undefined;
  /** The last webhook request that named the issue. */
  delivery: Pick<Delivery, 'event' | 'verdict' | 'receivedAt' | 'reason'> | undefined;
}
