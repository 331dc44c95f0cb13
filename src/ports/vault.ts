import type { Secret } from '../domain/secret.ts';

/** Which row and field a sealed value belongs to: a value moved elsewhere does not open. */
export interface SealContext {
  tenantId: string;
  /** The integration, or `installation` for secrets of the whole service. */
  ownerId: string;
  field: string;
}

/** Seals what is kept and opens it for its own row only. */
export interface Vault {
  /** Throws `unavailable` while its keys cannot be asked for. */
  seal(secret: Secret, context: SealContext): Promise<string>;
  /** Throws `sealed-unreadable`: another key, row or a flipped bit, never garbage; or `unavailable`, as `seal`. */
  open(sealed: string, context: SealContext): Promise<Secret>;
  /** Id of the key a value was sealed with. */
  keyOf(sealed: string): string;
  readonly currentKey: string;
  /** Ids of all keys that it opens with. */
  readonly keys: readonly string[];
}
