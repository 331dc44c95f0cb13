/** A tracker's item in our words; an Azure DevOps work item and a Jira issue too. */

/** Names one issue. `id` never changes (GitHub: node id); `key` is what the API addresses and people see (`42`, `TM-7`). */
export interface IssueRef {
  id: string;
  key: string;
}

export const STATUS_CATEGORIES = ['open', 'active', 'done', 'dropped'] as const;
/** `active` is work in progress; `dropped` is closed without being done (not planned, won't do, duplicate). */
export type StatusCategory = (typeof STATUS_CATEGORIES)[number];

export interface TrackerStatus {
  category: StatusCategory;
  /** The tracker's own immutable name of the status: `closed/not_planned`, `10003`. */
  id: string;
  name: string;
  /** Why it is so, in the tracker's own word: Jira's resolution, Azure DevOps' reason. */
  resolution?: string;
}

/** One change of an issue, as the tracker's own history tells it. */
export type PastChange = {
  /** ISO; some trackers tell no parts of a second. */
  at: string;
  /** The account that made it, by the tracker's immutable account id; empty: the tracker does not say. */
  by: string;
  /** What people call that account. */
  name?: string;
} & (
  | { field: 'status'; to: Pick<TrackerStatus, 'category' | 'id'> }
  /** `to` is missing where the history does not tell the value. */
  | { field: 'title' | 'priority'; to?: string }
  /** The whole text, as `Issue.body` shows it; `words`: the same for people, where the history keeps another form. */
  | { field: 'text'; to?: string; words?: string }
);

/** Of which issue, and of which of its fields, what happened since it was seen so. */
export interface LookBack {
  ref: IssueRef;
  seen: Pick<Issue, 'version' | 'updatedAt'>;
  fields: ReadonlySet<PastChange['field']>;
}

/** The managed part of an issue's text, as the provider found it. `text` is in the provider's canonical form, without markers. */
export type ManagedBlock =
  | { kind: 'present'; mark: string; text: string }
  | { kind: 'absent' }
  | { kind: 'damaged'; why: string }
  /** A half answer or a text we cannot read: no verdict may rest on it. */
  | { kind: 'unknown' };

export interface IssueComment {
  id: string;
  author: string;
  text: string;
  createdAt: string;
  updatedAt: string;
}

export interface Issue {
  ref: IssueRef;
  url: string;
  /** Changes whenever the issue changes; only compared for equality. */
  version: string;
  title: string;
  /** The whole text in the provider's own form; needed to write around people's words. */
  body: string;
  block: ManagedBlock;
  status: TrackerStatus;
  labels: readonly string[];
  priority?: string;
  /** Display names. */
  assignees: readonly string[];
  dueDate?: string;
  /** The account that created it, by the tracker's immutable account id. */
  authorId: string;
  createdAt: string;
  updatedAt: string;
  /** The newest comments, oldest first; absent when the answer did not carry them. */
  comments?: readonly IssueComment[];
}

/** What became of an issue that we asked for. An answer without an outcome for a ref is an error. */
export type ReadOutcome =
  | { kind: 'found'; issue: Issue }
  /** Proof of deletion, such as GitHub's 410 or a recycle bin. */
  | { kind: 'gone'; proof: string }
  /** Not found, which may mean deleted or no access: never proof by itself. */
  | { kind: 'hidden'; reason: string }
  | { kind: 'moved'; to: IssueRef; url: string; sameProject: boolean };

export const PLACINGS = ['child', 'link', 'mention'] as const;
/** How an issue stands under another: as its child, linked to it, or only naming it in its text. */
export type Placing = (typeof PLACINGS)[number];

/** An issue to put others under. */
export interface ParentRef extends IssueRef {
  url: string;
}

/** Where an issue stands after it was to be put under another; `left`: people have put it elsewhere, where it stays. */
export interface Placed {
  kind: Placing | 'left';
  /** Why it is not what it could be. */
  reason?: string;
}

/** A change to one issue: only what is named is written. */
export interface IssueChange {
  title?: string;
  block?: { mark: string; text: string };
  /** `id` where the mapping names the tracker's status, else any status of that category. */
  status?: { category: StatusCategory; id?: string };
  addLabels?: readonly string[];
  removeLabels?: readonly string[];
  priority?: string;
}

export type IssueWrite =
  | {
      kind: 'create';
      title: string;
      block: { mark: string; text: string };
      labels: readonly string[];
      priority?: string;
      /** Make it a child of this one, where the tracker takes that in the same request. */
      parent?: ParentRef;
      /** Others are to stand under it: of a type that takes them, where the tracker has types. */
      isParent?: boolean;
    }
  /**
   * `seen` is the issue the change was decided on, read at `seenAt` (ISO); another state now is `stale`. So is another
   * presence of one of `watched`: labels that the change does not touch, and whose coming or going would change its meaning.
   */
  | {
      kind: 'update';
      ref: IssueRef;
      seen: Issue;
      seenAt: string;
      change: IssueChange;
      watched?: readonly string[];
    }
  | { kind: 'comment'; ref: IssueRef; mark: string; text: string }
  /**
   * Put the issue under another one, as `Tracker.placing` said of that one, unless it stands under one. The same again
   * changes nothing. Refused as `parent-gone` where the parent is not found.
   */
  | { kind: 'place'; ref: IssueRef; parent: ParentRef; as: 'child' | 'link' };

/** A field of a write that the tracker cannot take as things are, such as a status without a path to it; the rest was written. */
export interface Unwritten {
  field: 'status' | 'priority' | 'labels';
  code: string;
  /** What is missing and who can mend it. */
  reason: string;
}

/**
 * `written`: as the tracker now shows it (a comment, a place: without issue); `placed` when the write was about a parent, too. `stale`: edited since we read it. `refused`: it said no, a
 * repeat will not help. `unknown`: it may or may not have arrived. `later`: it surely did not arrive, try after `resumeAt`;
 * `itemOnly`: the others need not wait.
 */
export type WriteOutcome =
  | {
      kind: 'written';
      issue?: Issue;
      warnings?: readonly string[];
      unwritten?: readonly Unwritten[];
      placed?: Placed;
    }
  | { kind: 'stale' }
  | { kind: 'refused'; code: string; reason: string }
  | { kind: 'unknown'; reason: string }
  | { kind: 'later'; reason: string; resumeAt?: string; itemOnly?: boolean };
