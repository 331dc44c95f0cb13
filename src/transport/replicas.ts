import type { SharedMemory } from '../ports/shared-memory.ts';

const BEAT_MS = 10_000;
const SILENT_MS = 35_000;
/** A memory that was emptied knows everybody again after one beat; until then the older counts hold. */
const BEATS_KEPT = 3;
/** Of how many replicas this is one, as long as nobody could tell. */
const SUPPOSED = 4;

const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { redis.call('ZCARD', KEYS[1]) }`;

const LEAVE = `return { redis.call('ZREM', KEYS[1], ARGV[1]) }`;

/** How many replicas there are, so that each keeps to its part of a limit while they cannot ask each other. */
export class Replicas {
  readonly #memory: SharedMemory;
  readonly #self: string;
  readonly #timer: NodeJS.Timeout;
  #counts: number[] = [];

  constructor(memory: SharedMemory, self: string) {
    this.#memory = memory;
    this.#self = self;
    this.#timer = setInterval(() => void this.beat(), BEAT_MS).unref();
    void this.beat();
  }

  /** False: this replica is by itself for the moment. */
  canAsk(): boolean {
    return this.#memory.isThere();
  }

  /** The part of every limit that this replica may use by itself now; 1 while they share it. */
  share(): number {
    return this.canAsk() ? 1 : 1 / Math.max(1, ...(this.#counts.length > 0 ? this.#counts : [SUPPOSED]));
  }

  /** Says that this replica is there, and hears of the others. */
  async beat(): Promise<void> {
    const [count] = await this.#run(BEAT, SILENT_MS);
    if (count !== undefined) this.#counts = [count, ...this.#counts].slice(0, BEATS_KEPT);
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#run(LEAVE);
  }

  #run(script: string, ...values: readonly number[]): Promise<readonly number[]> {
    return this.#memory.run(script, ['replicas'], [this.#self, ...values]).catch(() => []);
  }
}
