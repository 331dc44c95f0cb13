import { createHash } from 'node:crypto';
import { z } from 'zod';
import { messageOf } from '../domain/errors.ts';
import type { SharedMemory } from '../ports/shared-memory.ts';
import { redisClient } from './redis-client.ts';
import type { RedisOptions } from './redis.ts';

/** Nobody waits longer for an answer. */
const PATIENCE_MS = 250;
/** After one that did not come it is not asked again for this long, so that a slow server costs nobody more than that. */
const REST_MS = 1_000;

const Numbers = z.array(z.int());

/** The memory of all replicas of an installation, on Redis. */
export function redisMemory(
  { url, installation, prefix = '', log }: RedisOptions,
  patienceMs: number = PATIENCE_MS,
): SharedMemory {
  const client = redisClient(url, log, true);
  const hashes = new Map<string, string>();
  let restsUntil = 0;

  const isThere = (): boolean => client.isReady && performance.now() >= restsUntil;

  async function evaluate(script: string, keys: string[], values: string[]): Promise<unknown> {
    const given = { keys, arguments: values };
    const hash = hashes.get(script) ?? createHash('sha1').update(script).digest('hex');
    hashes.set(script, hash);
    try {
      return await client.evalSha(hash, given);
    } catch (thrown) {
      // A server that was started anew has forgotten all scripts.
      if (!messageOf(thrown).startsWith('NOSCRIPT')) throw thrown;
      return client.eval(script, given);
    }
  }

  return {
    isThere,
    async run(script, keys, values) {
      if (!isThere()) throw new Error('Redis does not answer');
      const named = keys.map((key) => `${prefix}tmi:${installation}:${key}`);
      try {
        return Numbers.parse(await soon(patienceMs, evaluate(script, named, values.map(String))));
      } catch (thrown) {
        restsUntil = performance.now() + REST_MS;
        throw thrown;
      }
    },
    async close() {
      client.destroy();
    },
  };
}

async function soon<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis took too long')), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
