import type { SharedMemory } from '../ports/shared-memory.ts';

/** A probe whose replica died is given up; the longest request, with its answer, ends sooner. */
const PROBE_MS = 120_000;
/** An open breaker that nobody asked about is forgotten. */
const KEPT_MS = 10 * 60_000;

/** May a call go to this host? `probe`: one, and its end decides for all. */
export type Admission =
  | { kind: 'closed' }
  | { kind: 'open'; ms: number }
  | { kind: 'probe' }
  /** Somebody else's probe is out, or may go. */
  | { kind: 'half-open' };

/** KEYS: until when it is open; the probe that is out. ARGV: token, PROBE_MS, 1 = a probe would be sent at once. */
const ASK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local untilMs = redis.call('GET', KEYS[1])
if not untilMs then return { 0, 0 } end
if now < tonumber(untilMs) then return { 1, math.ceil(untilMs - now) } end
if ARGV[3] == '1' and redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 2, 0 } end
return { 3, 0 }`;

const OPEN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], now + ARGV[2], 'PX', ARGV[2] + ARGV[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return { 1 }`;

const CLOSE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return { 0 } end
redis.call('DEL', KEYS[1], KEYS[2])
return { 1 }`;

/** What all replicas know of one host together. Answers undefined, or does nothing, while they cannot ask each other. */
export class SharedBreaker {
  readonly #memory: SharedMemory;
  readonly #keys: readonly string[];

  constructor(memory: SharedMemory, name: string) {
    this.#memory = memory;
    this.#keys = [`breaker:${name}:open`, `breaker:${name}:probe`];
  }

  /** With a `token`, the one probe is given to it when it is time. */
  async ask(token?: string): Promise<Admission | undefined> {
    const values = [token ?? '', PROBE_MS, token === undefined ? 0 : 1];
    const [kind, ms = 0] = await this.#run(ASK, values);
    if (kind === undefined) return undefined;
    if (kind === 0) return { kind: 'closed' };
    if (kind === 1) return { kind: 'open', ms };
    return { kind: kind === 2 ? 'probe' : 'half-open' };
  }

  /** Stops everybody's calls for so long; `token` is that of a probe which failed. */
  async open(ms: number, token = ''): Promise<void> {
    await this.#run(OPEN, [token, ms, KEPT_MS]);
  }

  async close(token: string): Promise<void> {
    await this.#run(CLOSE, [token]);
  }

  #run(script: string, values: readonly (string | number)[]): Promise<readonly number[]> {
    return this.#memory.run(script, this.#keys, values).catch(() => []);
  }
}
