import type { Chance } from '../ports/clock.ts';
import type { SharedMemory } from '../ports/shared-memory.ts';

/** A call that nobody has heard of for this long does not hold up others any more; most take a second. */
const SLOT_MS = 30_000;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** What a turn needs: limits with the reserve already taken off, 0 = none; `creates` only where something is made. */
export interface Needs {
  concurrency: number;
  requestsPerMinute: number;
  createsPerMinute: number;
  createsPerHour: number;
}

export type Turn = { kind: 'taken'; leave: () => void } | { kind: 'wait'; ms: number } | { kind: 'alone' };

/** What an answer told, in ms from now. */
export interface Told {
  blockedMs: number;
  budget?: { bucket: string; remaining: number; reserved: number; fullInMs: number };
}

/**
 * Takes a turn for all replicas or says in how many ms to ask again. The time is the server's, whatever a replica's clock says.
 * KEYS: requests, creates, slots (sorted sets), told (a hash: `block`, and `b:` with a bucket's name).
 */
const ENTER = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ready = now
local function window(key, limit, ms, kept)
  if limit == 0 then return end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - kept)
  redis.call('ZREMRANGEBYSCORE', key, '(' .. now, '+inf')
  local oldest = redis.call('ZREVRANGE', key, limit - 1, limit - 1, 'WITHSCORES')
  if oldest[2] then ready = math.max(ready, oldest[2] + ms) end
end
local perMinute, createsPerMinute, createsPerHour = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
window(KEYS[1], perMinute, 60000, 60000)
window(KEYS[2], createsPerMinute, 60000, 3600000)
window(KEYS[2], createsPerHour, 3600000, 3600000)
local told = redis.call('HGETALL', KEYS[4])
local budgets = {}
for i = 1, #told, 2 do
  if told[i] == 'block' then
    ready = math.max(ready, tonumber(told[i + 1]))
  else
    local remaining, reserved, fullAt = string.match(told[i + 1], '^(%S+) (%S+) (%S+)$')
    if tonumber(fullAt) <= now then
      redis.call('HDEL', KEYS[4], told[i])
    else
      if tonumber(remaining) <= tonumber(reserved) then ready = math.max(ready, tonumber(fullAt)) end
      budgets[told[i]] = (remaining - 1) .. ' ' .. reserved .. ' ' .. fullAt
    end
  end
end
if ready > now then return { 0, math.ceil(ready - now) } end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return { 2, 0 } end
redis.call('ZADD', KEYS[3], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
if perMinute > 0 then
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], 60000)
end
if createsPerMinute + createsPerHour > 0 then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[2], 3600000)
end
for name, left in pairs(budgets) do redis.call('HSET', KEYS[4], name, left) end
return { 1, 0 }`;

const LEAVE = `return { redis.call('ZREM', KEYS[1], ARGV[1]) }`;

const TELL = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local block = tonumber(redis.call('HGET', KEYS[1], 'block') or '0')
local blocked = tonumber(ARGV[1])
if blocked > 0 then redis.call('HSET', KEYS[1], 'block', math.max(block, now + blocked)) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. (now + ARGV[5])) end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return { 1 }`;

/** One lane of all replicas together. */
export class SharedLane {
  readonly #memory: SharedMemory;
  readonly #chance: Chance;
  readonly #keys: { requests: string; creates: string; slots: string; told: string };

  /** `name` is short, and of no account's name. */
  constructor(memory: SharedMemory, name: string, chance: Chance) {
    this.#memory = memory;
    this.#chance = chance;
    const keyOf = (what: string): string => `pace:${name}:${what}`;
    this.#keys = {
      requests: keyOf('requests'),
      creates: keyOf('creates'),
      slots: keyOf('slots'),
      told: keyOf('told'),
    };
  }

  /** `alone`: the others cannot be asked. */
  async enter(needs: Needs): Promise<Turn> {
    const { requests, creates, slots, told } = this.#keys;
    const token = this.#chance.uuid();
    const asked = this.#memory.run(
      ENTER,
      [requests, creates, slots, told],
      [
        token,
        SLOT_MS,
        needs.concurrency,
        needs.requestsPerMinute,
        needs.createsPerMinute,
        needs.createsPerHour,
      ],
    );
    try {
      const [kind, ms = 0] = await asked;
      if (kind === 1) return { kind: 'taken', leave: () => this.#leave(token) };
      // Whoever leaves tells nobody: it is looked again soon, not by all at the same moment.
      return { kind: 'wait', ms: kind === 0 ? ms : 50 + this.#chance.fraction() * 100 };
    } catch {
      return { kind: 'alone' };
    }
  }

  /** So that nobody else has to hear it from the tracker. */
  tell({ blockedMs, budget }: Told): void {
    if (blockedMs <= 0 && budget === undefined) return;
    const { bucket, remaining, reserved, fullInMs } = budget ?? NO_BUDGET;
    const name = budget === undefined ? '' : `b:${bucket}`;
    const values = [
      Math.ceil(Math.max(0, blockedMs)),
      name,
      remaining,
      reserved,
      Math.ceil(fullInMs),
      DAY + HOUR,
    ];
    this.#memory.run(TELL, [this.#keys.told], values).catch(() => undefined);
  }

  #leave(token: string): void {
    this.#memory.run(LEAVE, [this.#keys.slots], [token]).catch(() => undefined);
  }
}

const NO_BUDGET = { bucket: '', remaining: 0, reserved: 0, fullInMs: 0 };
