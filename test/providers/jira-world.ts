import type { Flavour, JiraSimulator, JiraSimulatorOptions } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Way } from '../../src/ports/outbound.ts';
import type { Connection, Endpoint, Tracker } from '../../src/ports/tracker.ts';
import { jira } from '../../src/providers/jira/index.ts';
import { jiraTracker } from '../../src/providers/jira/tracker.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';
import { pushedClock } from './github-world.ts';

export const KEY = 'TM';
export const TASK = '10001';
export const API_TOKEN = 'api-token-ours';
export const PAT = 'pat-ours';

export interface JiraPlace {
  simulator: JiraSimulator;
  clock: ReturnType<typeof pushedClock>;
  /** Ids of the project's custom fields, by name. */
  fields: Readonly<Record<string, string>>;
  connection: Connection;
  way: Way;
  tracker: Tracker;
  another(): Tracker;
  close(): Promise<void>;
}

export interface Opened {
  connection: Connection;
  way: Way;
  tracker: Tracker;
  close: () => Promise<void>;
}

/** The real transport to somebody else's API. */
function openDoor(endpoint: Endpoint, clock: Clock): { way: Way; close: () => Promise<void> } {
  const transport = openTransport({
    clock,
    chance: { uuid: () => crypto.randomUUID(), fraction: () => 0.5, hex: (bytes) => 'a'.repeat(bytes * 2) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: { trackerRequest: () => {}, trackerWait: () => {} },
    policy: openPolicy({ allowedCidrs: ['127.0.0.0/8'], allowHttp: true }),
    userAgent: 'tmi-test',
  });
  const way = transport.open(endpoint, { tenantId: 'default', integrationId: 'test' });
  return { way, close: () => transport.close() };
}

export function openWay(connection: Connection, clock: Clock): Opened {
  const { way, close } = openDoor(connection, clock);
  const tracker = connection.tracker((request, signal) => way.send(request, signal), clock);
  return { connection, way, tracker, close };
}

/** The credentials after their renewal, as the house stores them. */
export async function renewed(
  baseUrl: string,
  credentials: unknown,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const { renewal } = connectJira(baseUrl, credentials);
  if (renewal === undefined) throw new Error('these credentials need no renewal');
  const { way, close } = openDoor(renewal.endpoint, clock);
  try {
    return await renewal.renew(
      (request, signal) => way.send(request, signal),
      clock.now(),
      new AbortController().signal,
    );
  } finally {
    await close();
  }
}

/** What `connect` makes of these settings. */
export function connectJira(baseUrl: string, credentials: unknown, issueTypeId = TASK): Connection {
  const connection = jira.connect({ baseUrl, projectKey: KEY, issueTypeId }, credentials);
  return connection;
}

/** A site of Jira Cloud is known by its name: the one on loopback takes the connection of a real one. */
function cloudSite(simulator: JiraSimulator, issueTypeId: string): Connection {
  const credentials = { type: 'basic', username: 'tmi-bot@example.com', password: API_TOKEN };
  const base = new URL(simulator.url);
  return {
    ...connectJira('https://acme.atlassian.net', credentials),
    apiRoot: base,
    host: base.host,
    tracker: (send, clock) =>
      jiraTracker(
        { base, site: simulator.url, key: KEY, issueTypeId, cloud: true, access: 'basic' },
        send,
        clock,
      ),
  };
}

/** A simulated project `TM` with our tracker; the account may do everything in it. */
export async function openJira(
  flavour: Flavour,
  options: JiraSimulatorOptions & {
    workflow?: 'simple' | 'four-step' | 'resolution-screen' | 'team-managed';
  } = {},
): Promise<JiraPlace> {
  const clock = pushedClock();
  const { workflow = 'resolution-screen', ...others } = options;
  const context = flavour === 'data-center' ? { contextPath: '/jira' } : {};
  const simulator = await startJiraSimulator({ flavour, now: () => clock.now(), ...context, ...others });
  const { world } = simulator;
  const credential = flavour === 'cloud' ? { apiToken: API_TOKEN } : { personalAccessToken: PAT };
  world.addUser({ name: 'tmi-bot', ...credential, admin: flavour === 'data-center' });
  world.addUser({ name: 'mona' });
  const { issueTypes, fields } = world.addProject({
    key: KEY,
    name: 'Threats',
    workflow,
    members: ['tmi-bot', 'mona'],
  });
  const type = issueTypes['Task'] ?? TASK;
  const connect = (): Connection =>
    flavour === 'cloud'
      ? cloudSite(simulator, type)
      : connectJira(simulator.url, { type: 'token', token: PAT }, type);
  const first = openWay(connect(), clock);
  const opened = [first];
  return {
    ...first,
    simulator,
    clock,
    fields,
    another() {
      const other = openWay(connect(), clock);
      opened.push(other);
      return other.tracker;
    },
    async close() {
      for (const each of opened) await each.close();
      await simulator.close();
    },
  };
}
