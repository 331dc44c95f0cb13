import { createHash } from 'node:crypto';
import type { Chance, Clock, Log } from '../ports/clock.ts';
import type { Outbound } from '../ports/outbound.ts';
import type { SharedMemory } from '../ports/shared-memory.ts';
import type { Endpoint } from '../ports/tracker.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';
import { httpWire, type Wire } from './exchange.ts';
import { openAgents } from './agents.ts';
import type { Timeouts } from './connector.ts';
import { checkUrl, resolveSafely, type NetworkPolicy } from './guard.ts';
import { Lane } from './pace.ts';
import { Replicas } from './replicas.ts';
import { RetryBudget } from './retry-budget.ts';
import { SharedBreaker } from './shared-breaker.ts';
import { SharedLane } from './shared-lane.ts';
import { wayTo, type Host, type TransportMetrics } from './way.ts';

export interface TransportOptions {
  clock: Clock;
  chance: Chance;
  log: Log;
  metrics: TransportMetrics;
  policy: NetworkPolicy;
  userAgent: string;
  timeouts?: Timeouts;
  breakerSettings?: BreakerSettings;
  /** Of an answer's unpacked body. */
  maxBodyBytes?: number;
  /** Instead of HTTP: the simulation and the bench have trackers within the process. */
  wire?: Wire;
  /** Of all replicas; absent = this process is the only one. `self` tells it from the others. */
  together?: { memory: SharedMemory; self: string };
}

/** As this replica knows it. */
export interface TransportFigures {
  /** Hosts that get no calls for now. */
  stoppedHosts: number;
  /** Its part of every limit: 1 while all replicas pace themselves together. Absent: there are no others. */
  share?: number;
}

const TIMEOUTS: Timeouts = { connectMs: 5_000, headersMs: 15_000, bodyMs: 30_000 };
const BREAKER: BreakerSettings = { failureShare: 0.5, window: 20, minimum: 10, openMs: 30_000 };
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MANY_LANES = 1000;

/** The only code that opens a connection to a tracker: guarded, paced, measured, and repeated only where that is safe. */
export function openTransport(options: TransportOptions): Outbound & { figures(): TransportFigures } {
  const { clock, chance, log, policy, metrics, userAgent } = options;
  const timeouts = options.timeouts ?? TIMEOUTS;
  const agents = openAgents(policy, timeouts);
  const maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
  const wire =
    options.wire ?? httpWire({ dispatcherFor: (trust) => agents.for(trust), timeouts, maxBodyBytes });
  const hosts = new Map<string, Host>();
  const lanes = new Map<string, Lane>();

  const shared = options.together;
  const replicas = shared === undefined ? undefined : new Replicas(shared.memory, shared.self);

  function hostOf(name: string): Host {
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const together = shared === undefined ? {} : { shared: new SharedBreaker(shared.memory, short(name)) };
    const breaker = new Breaker(name, options.breakerSettings ?? BREAKER, {
      clock,
      chance,
      log,
      ...together,
    });
    const host = { breaker, retries: new RetryBudget(clock) };
    hosts.set(name, host);
    return host;
  }

  /** An unknown account gets a lane of its own: it cannot be told whose limits it shares. */
  function laneOf(connection: Endpoint, account: string): Lane {
    const key = JSON.stringify([connection.host, account]);
    if (lanes.size > MANY_LANES) for (const [each, lane] of lanes) if (lane.isIdle()) lanes.delete(each);
    const lane = lanes.get(key) ?? newLane(connection, key);
    lanes.set(key, lane);
    return lane;
  }

  function newLane({ host, capabilities }: Endpoint, key: string): Lane {
    if (shared === undefined || replicas === undefined) return new Lane(host, capabilities, clock, chance);
    const lane = new SharedLane(shared.memory, short(key), chance);
    return new Lane(host, capabilities, clock, chance, { lane, replicas });
  }

  return {
    async admit(url) {
      await resolveSafely(url, policy);
    },
    open(connection, { tenantId, integrationId, account, beforeWrite }) {
      checkUrl(connection.apiRoot, policy);
      const lane = laneOf(connection, account ?? `${tenantId}/${integrationId}`);
      return wayTo(connection, {
        clock,
        chance,
        metrics,
        userAgent,
        wire,
        host: hostOf(connection.host),
        lane,
        ...(beforeWrite === undefined ? {} : { beforeWrite }),
      });
    },
    async health(connection, account) {
      const lane = lanes.get(JSON.stringify([connection.host, account]));
      const { bucket: _, ...pace } = lane?.pace() ?? {};
      const breaker = await hostOf(connection.host).breaker.look();
      const resumeAt = breaker.resumeAt ?? pace.resumeAt;
      return { ...pace, ...(resumeAt === undefined ? {} : { resumeAt }), breaker: breaker.state };
    },
    figures: () => ({
      stoppedHosts: [...hosts.values()].filter(({ breaker }) => breaker.isStopped()).length,
      ...(replicas === undefined ? {} : { share: replicas.share() }),
    }),
    async close() {
      await Promise.all([replicas?.leave(), agents.close()]);
    },
  };
}

/** Names no account and no host to who can look into the memory. */
function short(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
