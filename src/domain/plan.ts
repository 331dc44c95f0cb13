import type { Policy } from './integration.ts';
import type { StatusCategory } from './issue.ts';
import type { FieldKey, FieldValues } from './link.ts';
import type { Status } from './threat.ts';

/**
 * One thing to do about one field of one link. Values are in the words of the side they belong to.
 * `threat`/`issue` are what each side shows now; `base` moves only when the step is recorded.
 */
export type Step =
  /** Both sides say the same: only the baselines move. */
  | { kind: 'agree'; field: FieldKey; threat: string | null; issue: string | null }
  /** The threat changed: write `to` (issue words) to the issue. */
  | {
      kind: 'push';
      field: FieldKey;
      threat: string | null;
      from: string | null;
      to: string | null;
      /** Both sides had changed: this policy decided, and `from` is the value that lost. */
      wonBy?: Policy | 'unfinished-write';
    }
  /** The issue changed: write `to` to the threat. */
  | { kind: 'pull'; field: 'status'; from: Status; to: Status; issue: string; wonBy?: Policy }
  /** A side changed that may not be followed: its base moves, nothing is written; `owned` says people own the field from now on. */
  | { kind: 'release'; field: FieldKey; threat: string | null; issue: string | null; owned: boolean }
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
  /** Closed without saying why: the status waits for an answer. */
  | { kind: 'question'; field: 'status'; issue: string };

export type SkipCode =
  | 'filtered'
  | 'linked-elsewhere'
  | 'issue-gone'
  | 'detached'
  | 'quarantined'
  | 'threat-missing'
  | 'hidden'
  | 'dormant'
  | 'creating';

/** What a run does about one threat. `id` is the same in every plan that asks for the same thing. */
export interface PlanItem {
  id: string;
  action: 'create' | 'update' | 'none' | 'skip' | 'recreate';
  threatId: string;
  linkId?: string;
  issueKey?: string;
  title: string;
  steps: readonly Step[];
  /** Statuses an issue goes through. */
  path?: readonly StatusCategory[];
  skip?: { code: SkipCode; message: string };
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
  items: readonly PlanItem[];
  /** Parent issues that are made before the creates. */
  parents?: readonly { modelId: string; title: string }[];
  counts: PlanCounts;
  estimatedCalls: number;
  estimatedSeconds: number;
  /** Issues people filed before us that may belong to a threat; never taken without a person. */
  suggestions: readonly { threatId: string; issueKey: string; url: string; why: string }[];
  /** Brakes that this plan would trip, in words. */
  brakes: readonly { code: 'creates' | 'closes'; message: string }[];
}
