import { setTimeout as delay } from 'node:timers/promises';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubSimulator, GithubSimulatorOptions } from '../../simulators/github/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Way } from '../../src/ports/outbound.ts';
import type { Connection, Endpoint, Tracker } from '../../src/ports/tracker.ts';
import { github } from '../../src/providers/github/index.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';

export const PLACE = { owner: 'acme', repo: 'payments' };
export const TOKEN = 'ghp_ours';

/** Real time that a test may push forward. */
export function pushedClock(): Clock & { pass(ms: number): void } {
  let pushed = 0;
  return {
    now: () => new Date(Date.now() + pushed),
    elapsed: () => performance.now() + pushed,
    pass(ms) {
      pushed += ms;
    },
    sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
  };
}

export interface GithubPlace {
  simulator: GithubSimulator;
  clock: ReturnType<typeof pushedClock>;
  connection: Connection;
  way: Way;
  tracker: Tracker;
  another(): Tracker;
  close(): Promise<void>;
}

/** Our tracker for a repository, through the real transport. */
export function connectGithub(
  config: { baseUrl: string; owner: string; repo: string },
  credentials: string | Readonly<Record<string, unknown>>,
  clock: Clock = pushedClock(),
): {
  connection: Connection;
  way: Way;
  tracker: Tracker;
  open(endpoint: Endpoint): Way;
  close(): Promise<void>;
} {
  const given = typeof credentials === 'string' ? { type: 'token', token: credentials } : credentials;
  const connection = github.connect(github.config.parse(config), given);
  const transport = openTransport({
    clock,
    chance: { uuid: () => crypto.randomUUID(), fraction: () => 0.5, hex: (bytes) => 'a'.repeat(bytes * 2) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: { trackerRequest: () => {}, trackerWait: () => {} },
    policy: openPolicy({ allowedCidrs: ['127.0.0.0/8'], allowHttp: true }),
    userAgent: 'tmi-test',
  });
  const way = transport.open(connection, { tenantId: 'default', integrationId: 'test' });
  const tracker = connection.tracker((request, signal) => way.send(request, signal), clock);
  const open = (endpoint: Endpoint): Way =>
    transport.open(endpoint, { tenantId: 'default', integrationId: 'test' });
  return { connection, way, tracker, open, close: () => transport.close() };
}

/** A simulated repository `acme/payments` with our tracker; the account may do everything in it. */
export async function openGithub(options: GithubSimulatorOptions = {}): Promise<GithubPlace> {
  const clock = pushedClock();
  const simulator = await startGithubSimulator({ now: () => clock.now(), ...options });
  simulator.world.addUser({ login: 'acme', token: 'ghp_owner' });
  simulator.world.addUser({ login: 'tmi-bot', token: TOKEN, scopes: ['repo', 'admin:repo_hook'] });
  simulator.world.addRepository({
    owner: 'acme',
    name: 'payments',
    visibility: 'private',
    push: ['tmi-bot'],
  });
  simulator.world.setPermission(PLACE, 'tmi-bot', 'admin');
  const config = { baseUrl: simulator.url, ...PLACE };
  const first = connectGithub(config, TOKEN, clock);
  const opened = [first];
  return {
    ...first,
    simulator,
    clock,
    another() {
      const other = connectGithub(config, TOKEN, clock);
      opened.push(other);
      return other.tracker;
    },
    async close() {
      for (const each of opened) await each.close();
      await simulator.close();
    },
  };
}
