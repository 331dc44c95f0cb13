import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabSimulator, GitlabSimulatorOptions } from '../../simulators/gitlab/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Outbound, Way } from '../../src/ports/outbound.ts';
import type { Connection, Endpoint, Tracker } from '../../src/ports/tracker.ts';
import { gitlab } from '../../src/providers/gitlab/index.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';
import { pushedClock } from './github-world.ts';

export const PROJECT = 'acme/payments';
export const TOKEN = 'glpat-ours';
const PLACE = { tenantId: 'default', integrationId: 'test' };

interface Connected {
  connection: Connection;
  way: Way;
  tracker: Tracker;
  close(): Promise<void>;
}

export interface GitlabPlace extends Connected {
  simulator: GitlabSimulator;
  clock: ReturnType<typeof pushedClock>;
  /** The number of `acme/payments`. */
  projectId: number;
  /** The user name of our account. */
  bot: string;
  /** The same project for somebody who comes later. */
  another(): Tracker;
  /** With other settings. */
  connect(config: { baseUrl?: string; projectId?: string }, credentials?: unknown): Connected;
  /** A way to where tokens are made. */
  open(endpoint: Endpoint): Way;
}

/** The real way out, to this machine only. */
function transportFor(clock: Clock): Outbound {
  return openTransport({
    clock,
    chance: { uuid: () => crypto.randomUUID(), fraction: () => 0.5, hex: (bytes) => 'a'.repeat(bytes * 2) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: { trackerRequest: () => {}, trackerWait: () => {} },
    policy: openPolicy({ allowedCidrs: ['127.0.0.0/8'], allowHttp: true }),
    userAgent: 'tmi-test',
  });
}

/** Our tracker for a project, through the real transport. */
function connectGitlab(config: object, credentials: unknown, clock: Clock): Connected {
  const connection = gitlab.connect(gitlab.config.parse(config), gitlab.credentials.parse(credentials));
  const transport = transportFor(clock);
  const way = transport.open(connection, PLACE);
  const tracker = connection.tracker((request, signal) => way.send(request, signal), clock);
  return { connection, way, tracker, close: () => transport.close() };
}

/** A simulated project `acme/payments` with our tracker, whose project token may do everything in it. */
export async function openGitlab(options: GitlabSimulatorOptions = {}): Promise<GitlabPlace> {
  const clock = pushedClock();
  const simulator = await startGitlabSimulator({ now: () => clock.now(), ...options });
  const { world } = simulator;
  world.addUser({ username: 'mona' });
  const projectId = world.addProject({ path: PROJECT, members: { mona: 'developer' } });
  const bot = world.addProjectToken(PROJECT, { token: TOKEN, role: 'maintainer' });
  const opened: Pick<Connected, 'close'>[] = [];
  function connect(config: object, credentials: unknown = { type: 'token', token: TOKEN }): Connected {
    const settings = { baseUrl: simulator.url, projectId: String(projectId), ...config };
    const connected = connectGitlab(settings, credentials, clock);
    opened.push(connected);
    return connected;
  }
  return {
    ...connect({}),
    simulator,
    clock,
    projectId,
    bot: bot.username,
    connect,
    open(endpoint) {
      const transport = transportFor(clock);
      opened.push(transport);
      return transport.open(endpoint, PLACE);
    },
    another: () => connect({}).tracker,
    async close() {
      for (const each of opened) await each.close();
      await simulator.close();
    },
  };
}
