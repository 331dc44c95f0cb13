import type { Secret } from '../domain/secret.ts';

/** The tracker's own side of a webhook. */
export interface Hooks {
  /**
   * Make the hook, or bring the one with this URL up to date. `scheme` is how its deliveries are proven, kept with the
   * integration and never chosen from a request (`hmac`, `token`, ...). `earlier` is the scheme of the hook before this one:
   * where only a weaker one is left, `tracker-refused` is thrown and no hook is left behind.
   */
  ensure(
    url: string,
    secret: Secret,
    signal: AbortSignal,
    earlier?: string,
  ): Promise<{ hookId: string; scheme: string }>;
  /** False: it is not there or was disabled. */
  healthy(hookId: string, signal: AbortSignal): Promise<boolean>;
  remove(hookId: string, signal: AbortSignal): Promise<void>;
  /**
   * Asks the tracker to send again what did not reach us since then, by its own clock; without `since`, whatever it still
   * lists. A limited number in one call, and nothing that has failed three times. Absent where the tracker repeats deliveries
   * by itself or keeps no list of them. Throws `tracker-not-found` when the hook is gone.
   */
  redeliver?(hookId: string, since: string | undefined, signal: AbortSignal): Promise<Redelivery>;
}

/** What became of deliveries that had failed. */
export interface Redelivery {
  /** Events that reached us by none of their deliveries. */
  missed: number;
  /** Of these, sent again. */
  redelivered: number;
  /** The tracker's time up to which deliveries were looked at, ISO: where the next look begins. */
  until: string;
}
