/** A value on each side, in that side's own words. */
export interface BothSides {
  threat: string | null;
  issue: string | null;
}

/** The baselines of one field; a side without a past is missing. */
export type PastOfField = Readonly<Partial<BothSides>>;

/** What an undo does to the link: it ends as the issue that a run had created is closed; or that is taken back. */
export type LinkFate = 'ends' | 'revives';

/** What a step takes back of an earlier run. */
export interface Undoing {
  /** The run that is undone. */
  runId: string;
  /** Ids of its changes. */
  changes: readonly string[];
  /** The baselines of the field before those changes. */
  past: PastOfField;
  /** The field waits afterwards: else the next run would do it again. */
  holds: boolean;
  link?: LinkFate;
  /** It puts back what somebody wrote in the moment before our write went over it. */
  crossed?: true;
}
