import type { RunChange } from '../domain/run-change.ts';

/** What runs wrote, kept so that it can be undone. */
export interface RunChanges {
  /** A change of an id that is kept already stays as it is. */
  add(changes: readonly RunChange[]): Promise<void>;
  /** Oldest first, with `undoneBy` where they were taken back. */
  ofRun(runId: string): Promise<readonly RunChange[]>;
  /** The first run that takes one back is kept. */
  markUndone(ids: readonly string[], by: string): Promise<void>;
}
