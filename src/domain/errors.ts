/** Every code that a caller may see. Stable and public; `http/problem.ts` gives each its status, title and remedy. */
export type ErrorCode =
  | 'invalid-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'tenant-removed'
  | 'not-found'
  | 'conflict'
  | 'stale-version'
  | 'unprocessable'
  | 'too-large'
  | 'unsupported-media-type'
  | 'method-not-allowed'
  | 'rate-limited'
  | 'internal'
  | 'unavailable'
  | 'idempotency-key-reused'
  | 'idempotency-key-in-flight'
  | 'unknown-provider'
  | 'credentials-required'
  | 'base-url-refused'
  | 'webhook-refused'
  | 'models-not-chosen'
  | 'granularity-settled'
  | 'project-public'
  | 'project-taken'
  | 'other-installation'
  | 'plan-outdated'
  | 'run-in-progress'
  | 'nothing-to-undo'
  | 'conflict-outdated'
  | 'model-ambiguous'
  | 'model-unreadable'
  | 'model-format-unknown'
  | 'model-limit-exceeded'
  | 'model-changed'
  | 'import-needs-confirmation'
  | 'import-outdated'
  | 'issue-already-linked'
  | 'tracker-unreachable'
  | 'tracker-unauthorized'
  | 'tracker-forbidden'
  | 'tracker-not-found'
  | 'tracker-rate-limited'
  | 'tracker-refused'
  | 'tracker-nonsense'
  | 'lease-lost'
  | 'sealed-unreadable';

/** One place in the input that is wrong: `pointer` is a JSON pointer into the body, or a line of a file. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** Everything we throw on purpose. The message is for people: what, why, what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  override readonly name: string = 'AppError';

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { faults?: readonly Fault[] } = {}) {
    super(message, options);
    this.code = code;
    this.faults = options.faults ?? [];
  }
}

/** A tracker did not do what we asked. `arrived` says whether a write may have taken effect. */
export class TrackerError extends AppError {
  override readonly name: string = 'TrackerError';
  readonly arrived: 'no' | 'maybe';
  /** When a repeat makes sense, ISO; absent when only a person can help. */
  readonly resumeAt?: string;
  readonly status?: number;
  /** Only this item has to wait; what else is to be done may be. */
  readonly itemOnly: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & {
      arrived: 'no' | 'maybe';
      resumeAt?: string;
      status?: number;
      itemOnly?: boolean;
    },
  ) {
    super(code, message, options);
    this.arrived = options.arrived;
    this.itemOnly = options.itemOnly ?? false;
    if (options.resumeAt !== undefined) this.resumeAt = options.resumeAt;
    if (options.status !== undefined) this.status = options.status;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
