import type { Policy } from './integration.ts';
import type { StatusCategory } from './issue.ts';
import type { FieldKey, FieldValues } from './link.ts';
import type { SubjectStatus } from './threat.ts';
import type { Undoing } from './undoing.ts';

/** What decided between two edits: the policy, a rule, or our own write, which was not finished, or went over the other edit. */
type Winner = Policy | 'rule' | 'unfinished-write' | 'crossed-write';

/** An edit of the issue that our write has gone over, and that stays so. */
export interface Overwritten {
  /** The write. */
  opId: string;
  /** What both sides showed when it was decided on. */
  base: { threat: string | null; issue: string | null };
  /** What was lost, as far as the tracker's history tells. */
  issue: string;
  at: string;
  by?: string;
  wonBy: Winner;
  rule?: string;
}

/**
 * One thing to do about one field of one link. Values are in the words of the side they belong to.
 * `threat`/`issue` are what each side shows now; `base` moves only when the step is recorded.
 */
export type Step =
  /** Both sides say the same: only the baselines move. */
  | {
      kind: 'agree';
      field: FieldKey;
      threat: string | null;
      issue: string | null;
      /** To be kept in a record. */
      over?: Overwritten;
    }
  /** The threat changed: write `to` (issue words) to the issue. */
  | {
      kind: 'push';
      field: FieldKey;
      threat: string | null;
      from: string | null;
      to: string | null;
      /** Both sides had changed: this decided, and `from` is the value that lost. */
      wonBy?: Winner;
      /** The rule that decided, in words. */
      rule?: string;
      undo?: Undoing;
    }
  /** The issue changed: write `to` to the threat; `awaits`: it is done, and counts once it was verified. */
  | {
      kind: 'pull';
      field: 'status';
      from: SubjectStatus;
      to: SubjectStatus;
      issue: string;
      wonBy?: Winner;
      rule?: string;
      awaits?: true;
      undo?: Undoing;
    }
  /** A write of an undo whose outcome was not known is here: the baselines are as before what it took back. */
  | {
      kind: 'restored';
      field: FieldKey;
      threat: string | null;
      issue: string | null;
      undo: Undoing;
      /** The run that wrote it. */
      runId: string;
    }
  /** A side changed that may not be followed: its base moves, nothing is written; `owned` says people own the field from now on. */
  | {
      kind: 'release';
      field: FieldKey;
      threat: string | null;
      issue: string | null;
      owned: boolean;
      /** A rule gave it to people where both sides had changed. */
      wonBy?: 'rule';
      rule?: string;
    }
  /** A person edited our block alone: it stays, and its base stays, so that a later change of the threat is a conflict. */
  | { kind: 'leave'; field: FieldKey; issue: string | null }
  /** Both changed, differently, and a person must choose. */
  | {
      kind: 'conflict';
      field: FieldKey;
      base: { threat: string | null; issue: string | null };
      threat: string | null;
      issue: string | null;
    }
  /** The open conflict of this field has gone away: a side is back at its base, or the sides agree. */
  | { kind: 'withdraw'; field: FieldKey }
  /** The tracker cannot take `to` as things are; it waits for another mapping, or for a person. */
  | { kind: 'stuck'; field: FieldKey; to: string | null; shows: string | null; reason: string }
  /**
   * Closed without saying why: the status waits for an answer. `chosenOver`: a person has said that the issue is right and not
   * this status of the threat, which is past from now on.
   */
  | { kind: 'question'; field: 'status'; issue: string; chosenOver?: string | null };

/** What a step takes back of an earlier run; undefined = nothing. */
export function undoingOf(step: Step): Undoing | undefined {
  return step.kind === 'push' || step.kind === 'pull' || step.kind === 'restored' ? step.undo : undefined;
}

export type SkipCode =
  | 'filtered'
  | 'linked-elsewhere'
  | 'issue-gone'
  | 'detached'
  | 'quarantined'
  | 'threat-missing'
  | 'mitigation-missing'
  | 'no-mitigations'
  | 'no-mitigation-keys'
  | 'hidden'
  | 'dormant'
  | 'creating';

/** What a run does about one threat. `id` is the same in every plan that asks for the same thing. */
export interface PlanItem {
  id: string;
  action: 'create' | 'update' | 'none' | 'skip' | 'recreate' | 'detach';
  threatId: string;
  /** The line is about this mitigation of the threat. */
  mitigationKey?: string;
  linkId?: string;
  issueKey?: string;
  title: string;
  steps: readonly Step[];
  /** Statuses an issue goes through. */
  path?: readonly StatusCategory[];
  skip?: { code: SkipCode; message: string };
  /** For `detach`: where its issue was moved to, outside the project. */
  movedTo?: string;
  /** For creates: the payload in issue words, for people to see. */
  fields?: FieldValues;
}

export interface PlanCounts {
  create: number;
  update: number;
  pull: number;
  conflict: number;
  skip: number;
  unchanged: number;
}

export interface Plan {
  id: string;
  integrationId: string;
  mappingVersion: number;
  createdAt: string;
  /** The run that it takes back. */
  undoes?: string;
  items: readonly PlanItem[];
  /** Parent issues that are made before the creates. */
  parents?: readonly { modelId: string; title: string }[];
  counts: PlanCounts;
  estimatedCalls: number;
  estimatedSeconds: number;
  /** Issues people filed before us that may belong to a threat; never taken without a person. */
  suggestions: readonly {
    threatId: string;
    mitigationKey?: string;
    issueKey: string;
    url: string;
    why: string;
  }[];
  /** Brakes that this plan would trip, in words. */
  brakes: readonly { code: 'creates' | 'closes'; message: string }[];
}
