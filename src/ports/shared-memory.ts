/**
 * What all replicas know together, kept where each of them reaches it. It may be gone, slow or empty at any time: nothing that
 * must last is in it.
 */
export interface SharedMemory {
  /**
   * Runs a Lua script of Redis, of which nobody else sees a half. Answers whole numbers. Throws when the memory does not
   * answer at once; nobody waits for it longer than a moment.
   */
  run(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<readonly number[]>;
  /** False: it did not answer a moment ago. */
  isThere(): boolean;
  close(): Promise<void>;
}
