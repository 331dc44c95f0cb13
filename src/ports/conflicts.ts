import type { Conflict, FieldKey } from '../domain/link.ts';
import type { Page, PageQuery } from './repositories.ts';

export interface ConflictQuery {
  integrationId?: string;
  field?: string;
  cause?: string;
  state?: Conflict['state'];
  /** Of these links alone. */
  linkIds?: readonly string[];
}

/** Open conflicts of one integration, field and cause. */
export interface ConflictGroup {
  integrationId: string;
  field: FieldKey;
  cause: string;
  count: number;
  oldest: Conflict;
}

export interface Conflicts {
  /** The open one of this link and field, if any. */
  open(linkId: string, field: FieldKey): Promise<Conflict | undefined>;
  /** Keeps it, or its new state, cause and values; its place in the list stays. Throws `conflict`, and ends the transaction, when the field has another open one. */
  save(conflict: Conflict): Promise<void>;
  get(id: string): Promise<Conflict | undefined>;
  many(ids: readonly string[]): Promise<readonly Conflict[]>;
  list(query: PageQuery & ConflictQuery): Promise<Page<Conflict>>;
  /** Open ones by integration, field and cause, in no order. */
  groups(query: Pick<ConflictQuery, 'integrationId' | 'field' | 'cause'>): Promise<readonly ConflictGroup[]>;
}
