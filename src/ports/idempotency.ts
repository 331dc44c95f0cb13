export interface IdempotentAnswer {
  status: number;
  body: string;
  headers: Readonly<Record<string, string>>;
}
export interface IdempotencyKeys {
  /** `new`: go on. `done`: repeat this answer. `busy`: the first is still at work. `other`: same key, another request. */
  begin(
    key: string,
    requestHash: string,
    at: string,
  ): Promise<
    { kind: 'new' } | { kind: 'busy' } | { kind: 'other' } | { kind: 'done'; answer: IdempotentAnswer }
  >;
  finish(key: string, answer: IdempotentAnswer): Promise<void>;
  /** The request failed in a way that a repeat may mend. */
  forget(key: string): Promise<void>;
}
