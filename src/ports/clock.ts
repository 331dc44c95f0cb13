/** Time, chance and identity, handed in so that tests and the simulation decide them. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some moment, which nobody sets; a machine that is suspended may not count on. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Chance {
  /** A random UUID. */
  uuid(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Random bytes as lower-case hex, two characters each. */
  hex(bytes: number): string;
}

/** Where the house writes what happens; a fixed message and a data object, never a secret. */
export interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}
