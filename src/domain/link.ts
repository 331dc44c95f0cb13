import type { EndedAcceptance } from './acceptance.ts';
import type { IssueComment } from './issue.ts';
import type { ChildPlace, ParentPlacing } from './parent.ts';
import type { SubjectStatus } from './threat.ts';
import type { PastOfField, Undoing } from './undoing.ts';

/** A shared field: `status`, `title`, `block`, `severity`, `priority`, or `label:<name>` for one label of ours. */
export type FieldKey = 'status' | 'title' | 'block' | 'severity' | 'priority' | `label:${string}`;

/** The value of each field on one side, in that side's words. `null` is an absent value; a missing key is unknown. */
export type FieldValues = Readonly<Partial<Record<FieldKey, string | null>>>;

/** What each side last showed us when we agreed. */
export interface Baseline {
  threat: FieldValues;
  issue: FieldValues;
  mappingVersion: number;
}

/** What a field of a linked link waits for; other fields go on. */
export type FieldState =
  | {
      kind: 'conflict';
      conflictId: string;
      since: string;
      /** A person has chosen, seeing these two values; with other ones it is a conflict again. */
      choice?: { keep: 'threat' | 'issue'; threat: string | null; issue: string | null };
    }
  /** Held after an undo until a person releases it or a side shows something else than these two values. */
  | { kind: 'hold'; since: string; threat: string | null; issue: string | null }
  /** People own it now. */
  | { kind: 'released'; since: string }
  /** A person edited our block and the threat has not changed: it stays as it is. */
  | { kind: 'edited'; since: string }
  /** Closed without saying why, or as done over work that is left (`value`); asked once per closed episode, after a quiet time. */
  | { kind: 'needs-answer'; since: string; value: string; askedAt?: string }
  /** Closed as done; the gate of the integration waits for somebody who has looked at it. */
  | { kind: 'awaits-verification'; since: string }
  /** The tracker could not take `to`: tried again by hand, with another mapping, or when the threat wants something else. */
  | { kind: 'needs-mapping'; since: string; to: string | null; reason: string };

export const LINK_STATES = [
  'creating',
  'linked',
  'dormant',
  'threat-gone',
  'issue-gone',
  'moved',
  'quarantined',
  'detached',
] as const;
export type LinkState = (typeof LINK_STATES)[number];

/** "This threat and this issue are the same thing." */
export interface Link {
  id: string;
  integrationId: string;
  /** Role `parent`: the threat model's id. */
  threatId: string;
  /** `parent`: the issue of a threat model, under which its threats' issues stand. */
  role: 'threat' | 'mitigation' | 'parent';
  /** Empty but for role `mitigation`. */
  mitigationKey: string;
  state: LinkState;
  stateReason?: string;
  stateSince: string;
  /** Bound in every state but `creating`. */
  issue?: { id: string; key: string; url: string };
  base?: Baseline;
  fields: Readonly<Partial<Record<FieldKey, FieldState>>>;
  /** Where a reopened threat or mitigation returns to. */
  lastOpenStatus: SubjectStatus;
  /** True while the issue is closed because we closed it for a missing threat. */
  closedByUs: boolean;
  /** First of the two looks, ten minutes apart, that it takes to believe in a deletion. */
  missingSince?: string;
  failures: number;
  lastError?: { code: string; message: string; at: string };
  /** What people see of the issue, read only: never part of merge. */
  shown?: {
    title: string;
    status: string;
    assignees: readonly string[];
    dueDate?: string;
    labels: readonly string[];
  };
  /** Where the issue was put, once: people may move it afterwards. */
  placed?: ChildPlace;
  /** Role `parent`: how issues are put under it; `since` is that of the choice it answers. */
  placing?: ParentPlacing & { since: string };
  /** To be told in the issue: the acceptance of its threat has ended. */
  acceptanceEnded?: EndedAcceptance;
  syncedAt?: string;
  version: number;
  createdAt: string;
}

/** The threat of a link, and its mitigation, for journal and run items; the link of a parent has neither. */
export function threatOf({
  role,
  threatId,
  mitigationKey,
}: Pick<Link, 'role' | 'threatId' | 'mitigationKey'>): {
  threatId?: string;
  mitigationKey?: string;
} {
  if (role === 'parent') return {};
  return role === 'mitigation' ? { threatId, mitigationKey } : { threatId };
}

/** Does a field of this link wait for the word of a person, beyond a conflict? */
export function needsAnswer({ fields }: Pick<Link, 'fields'>): boolean {
  return Object.values(fields).some(
    (state) => state?.kind === 'needs-answer' || state?.kind === 'awaits-verification',
  );
}

/** A write told before it is done: what was sent, so that its unknown outcome can be settled later. */
export interface Op {
  id: string;
  linkId: string;
  integrationId: string;
  kind: 'create' | 'update' | 'comment';
  /** The run that told it. */
  runId: string;
  /** The lease's epoch under which it was written. */
  epoch: number;
  /** `threat`: the values it was rendered from; `issue`: what was sent, in the issue's words. */
  payload: {
    threat: FieldValues;
    issue: FieldValues;
    /** Of an update: what the issue showed before. */
    from?: FieldValues;
    /** What it takes back of an earlier run. */
    undo?: Readonly<Partial<Record<FieldKey, Undoing>>>;
    mark: string;
    /** Of an update: how the issue stood when it was decided on; `text` is a fingerprint of the whole text, where that is sent. */
    seen?: { version: string; updatedAt: string; text?: string };
    /** Of an update: the baselines before it. */
    past?: Readonly<Partial<Record<FieldKey, PastOfField>>>;
    comment?: { reason: string; text: string };
    /** The parent that the text sent names. */
    placed?: ChildPlace;
  };
  /** `open`: its outcome is not known yet. */
  state: 'open' | 'done' | 'abandoned';
  /** How often a strong listing did not show it, and when last. */
  absences: number;
  lastAbsentAt?: string;
  createdAt: string;
  settledAt?: string;
}

/** The last change of one side of a field. Nothing is said of who did it where that is not known. */
export interface SideChange {
  at: string;
  by?: string;
  how: 'source' | 'api' | 'tracker' | 'expiry';
}

/** A disagreement that only a person can settle. One open record per (link, field). */
export interface Conflict {
  id: string;
  integrationId: string;
  linkId: string;
  threatId: string;
  field: FieldKey;
  base: { threat: string | null; issue: string | null };
  /** What each side shows, in its own words. */
  threat: string | null;
  issue: string | null;
  /** Conflicts of one cause can be settled together: see `causeOf`. */
  cause: string;
  /** Who changed the sides, as far as it is known. */
  changedBy?: { threat?: SideChange; issue?: SideChange };
  state: 'open' | 'resolved' | 'withdrawn';
  /** What was decided; the worker carries it out while the conflict is still open. */
  resolution?: { keep: 'threat' | 'issue'; by: string; at: string };
  /** When the write that overrules a side was told: from then on this record keeps its values. */
  toldAt?: string;
  firstSeenAt: string;
  updatedAt: string;
}

/** A comment of the tracker, kept with the threat, read only. */
export interface KeptComment extends IssueComment {
  linkId: string;
}
