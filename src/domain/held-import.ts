import type { CanonicalModel } from './canonical.ts';

/** An import that would lose too many threats, and waits for a yes. */
export interface HeldImport {
  id: string;
  modelId: string;
  modelName: string;
  /** The model as it was when the import was held: with another version it is outdated. */
  modelVersion: number;
  /** Why it waits, in words. */
  reason: string;
  /** What it would do, in threats. */
  found: number;
  fresh: number;
  gone: number;
  source?: {
    repo?: string | undefined;
    path?: string | undefined;
    revision?: string | undefined;
  };
  /** Of what was given: the same again is the same import. */
  hash: string;
  by: string;
  at: string;
}

/** What was given: a file, or a model in canonical words. */
export type HeldContent = { kind: 'file'; bytes: Uint8Array } | { kind: 'model'; model: CanonicalModel };
