/** A key of the installation, wherever it is kept. */
export interface EncryptionKey {
  /** Names the key in what it sealed: 8 hex characters that say nothing about its bytes and never change. */
  readonly id: string;
  /**
   * The key for one tenant's secrets: 64 bytes, always the same, the first half for the tag, the second for AES. A key management
   * service that computes HMAC-SHA-512 over the tenant's id gives such bytes and keeps its own key to itself. Throws `unavailable`
   * while it cannot be asked.
   */
  of(tenantId: string): Promise<Uint8Array>;
}

/** The keys that secrets are sealed with. */
export interface KeyProvider {
  /** Seals from now on. */
  readonly current: EncryptionKey;
  /** These open what they sealed and seal nothing. */
  readonly old: readonly EncryptionKey[];
}
