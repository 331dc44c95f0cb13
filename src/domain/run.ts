import type { FieldKey } from './link.ts';

export type Trigger = 'manual' | 'schedule' | 'webhook' | 'model' | 'replay' | 'resolution' | 'undo';

export const RUN_STATES = [
  'queued',
  'running',
  'completed',
  'failed',
  'needs-confirmation',
  'cancelled',
] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface RunCounts {
  created: number;
  adopted: number;
  pushed: number;
  pulled: number;
  unchanged: number;
  conflicts: number;
  skipped: number;
  failed: number;
}

/** One pass (or several, when another sync joined it) over one integration. */
export interface Run {
  id: string;
  integrationId: string;
  trigger: Trigger;
  /** Trigger `undo`: the run that it takes back. */
  undoes?: string;
  state: RunState;
  /** Read every link's issue, not only those said to have changed. */
  full: boolean;
  /** Set by an explicit sync of a person: it approves `planId` (of `items` alone, where they are named), or as many creates as named. */
  approval?: { planId?: string; items?: readonly string[]; creates?: number };
  passes: number;
  passesWanted: number;
  progress: { done: number; total: number };
  counts: RunCounts;
  /** Requests sent to the tracker. */
  calls: number;
  error?: { code: string; message: string };
  /** What it waits for, in words. */
  waiting?: string;
  planId?: string;
  requestedBy: string;
  createdAt: string;
  startedAt?: string;
  finishedAt?: string;
}

/** What became of one threat or link in a run. */
export interface RunItem {
  runId: string;
  linkId?: string;
  threatId?: string;
  /** It is about this mitigation of the threat. */
  mitigationKey?: string;
  issueKey?: string;
  /** A chosen item of the approved plan that was not carried out; `reason` says why. */
  planItemId?: string;
  outcome: 'created' | 'adopted' | 'pushed' | 'pulled' | 'conflict' | 'skipped' | 'failed' | 'parked';
  fields: readonly FieldKey[];
  reason?: { code: string; message: string };
  at: string;
}

export const NO_COUNTS: RunCounts = {
  created: 0,
  adopted: 0,
  pushed: 0,
  pulled: 0,
  unchanged: 0,
  conflicts: 0,
  skipped: 0,
  failed: 0,
};
