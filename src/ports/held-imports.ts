import type { HeldContent, HeldImport } from '../domain/held-import.ts';
import type { Page, PageQuery } from './repositories.ts';

/** Imports that wait for a yes. */
export interface HeldImports {
  /** In the place of another one of the same model. */
  hold(held: HeldImport, content: HeldContent): Promise<void>;
  get(id: string): Promise<HeldImport | undefined>;
  content(id: string): Promise<HeldContent | undefined>;
  ofModel(modelId: string): Promise<HeldImport | undefined>;
  /** Oldest first. */
  list(query: PageQuery): Promise<Page<HeldImport>>;
  /** False: it was gone already. */
  remove(id: string): Promise<boolean>;
}
