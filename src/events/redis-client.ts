import { createClient } from 'redis';
import { messageOf } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/clock.ts';

export const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_WAIT_MS = 5_000;
/** A connection that shows no sign of life for this long is taken for dead; pings keep a live one talking. */
const SILENCE_MS = 30_000;
const PING_MS = 10_000;

/** A connection that comes back by itself. `refuseWhenDown`: what is asked meanwhile fails at once, else it waits. */
export function redisClient(url: Secret, log: Log, refuseWhenDown: boolean) {
  let isDown = false;
  const made = createClient({
    url: url.reveal(),
    disableOfflineQueue: refuseWhenDown,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) =>
        Math.min(50 * 2 ** retries, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2),
    },
  });
  // Said once for each outage, not for each attempt.
  made.on('error', (thrown: unknown) => {
    if (!isDown)
      log.warn({ reason: messageOf(thrown) }, 'Redis does not answer; trying again in the background');
    isDown = true;
  });
  made.on('ready', () => {
    if (isDown) log.info({}, 'Redis answers again');
    isDown = false;
  });
  made.connect().catch((thrown: unknown) => {
    log.warn({ reason: messageOf(thrown) }, 'the connection to Redis was given up');
  });
  return made;
}
