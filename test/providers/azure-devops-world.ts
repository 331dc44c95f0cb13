import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type {
  AzureDevopsSimulator,
  AzureDevopsSimulatorOptions,
} from '../../simulators/azure-devops/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Outbound, Way } from '../../src/ports/outbound.ts';
import type { Connection, Endpoint, Tracker } from '../../src/ports/tracker.ts';
import { azureDevops } from '../../src/providers/azure-devops/index.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';
import { pushedClock } from './github-world.ts';

export const ORGANIZATION = 'acme';
export const PROJECT = 'payments';
export const TOKEN = 'pat-of-tmi-bot';
export const BOT = 'tmi-bot';
export const HERE = { organization: ORGANIZATION, project: PROJECT };
const PLACE = { tenantId: 'default', integrationId: 'test' };

type Process = 'Basic' | 'Agile' | 'Scrum' | 'CMMI';

interface Wish extends AzureDevopsSimulatorOptions {
  /** `Basic` if left out. */
  process?: Process;
  /** `Issue` in Basic, else the usual one of the process. */
  workItemType?: string;
  /** A collection of a Server below `/tfs`. */
  server?: { apiVersion: number };
}

interface Connected {
  connection: Connection;
  way: Way;
  tracker: Tracker;
  close(): Promise<void>;
}

export interface AzureDevopsPlace extends Connected {
  simulator: AzureDevopsSimulator;
  clock: ReturnType<typeof pushedClock>;
  workItemType: string;
  /** The same project for somebody who comes later. */
  another(): Tracker;
  /** With other settings or credentials. */
  connect(
    config: {
      project?: string;
      workItemType?: string;
      areaPath?: string;
      iterationPath?: string;
      severityField?: 'priority' | 'severity' | 'both';
    },
    credentials?: unknown,
  ): Connected;
  /** A way to where tokens are made. */
  open(endpoint: Endpoint): Way;
}

const USUAL: Readonly<Record<Process, string>> = {
  Basic: 'Issue',
  Agile: 'User Story',
  Scrum: 'Product Backlog Item',
  CMMI: 'Requirement',
};

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

/** A simulated project `payments` with our tracker; the account may do everything in it. */
export async function openAzureDevops(wish: Wish = {}): Promise<AzureDevopsPlace> {
  const { process = 'Basic', server, workItemType = USUAL[process], ...options } = wish;
  const clock = pushedClock();
  const simulator = await startAzureDevopsSimulator({ now: () => clock.now(), ...options });
  const { world } = simulator;
  world.addOrganization({
    name: ORGANIZATION,
    ...(server === undefined ? {} : { kind: 'server' as const, apiVersion: server.apiVersion }),
  });
  world.addProject({ ...HERE, name: PROJECT, process, administrators: [BOT], contributors: ['mona'] });
  world.addProject({ organization: ORGANIZATION, name: 'elsewhere', process, contributors: [BOT, 'mona'] });
  world.addUser({ login: BOT, token: TOKEN });
  const opened: Pick<Connected, 'close'>[] = [];
  function connect(config: object, credentials: unknown = { type: 'token', token: TOKEN }): Connected {
    const baseUrl = server === undefined ? simulator.url : `${simulator.url}/tfs`;
    const settings = { baseUrl, ...HERE, workItemType, ...config };
    const connection = azureDevops.connect(
      azureDevops.config.parse(settings),
      azureDevops.credentials.parse(credentials),
    );
    const transport = transportFor(clock);
    opened.push(transport);
    const way = transport.open(connection, PLACE);
    const tracker = connection.tracker((request, signal) => way.send(request, signal), clock);
    return { connection, way, tracker, close: () => transport.close() };
  }
  return {
    ...connect({}),
    simulator,
    clock,
    workItemType,
    connect,
    another: () => connect({}).tracker,
    open(endpoint) {
      const transport = transportFor(clock);
      opened.push(transport);
      return transport.open(endpoint, PLACE);
    },
    async close() {
      for (const each of opened) await each.close();
      await simulator.close();
    },
  };
}
