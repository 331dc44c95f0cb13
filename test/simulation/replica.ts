import { TIMINGS } from '../../src/domain/timings.ts';
import { Secret } from '../../src/domain/secret.ts';
import { inProcessEvents } from '../../src/events/in-process.ts';
import type { Chance, Clock, Log } from '../../src/ports/clock.ts';
import type { EventBus } from '../../src/ports/events.ts';
import type { Meters } from '../../src/ports/meters.ts';
import type { Tx } from '../../src/ports/repositories.ts';
import type { FileReader } from '../../src/ports/source.ts';
import type { Store } from '../../src/ports/store.ts';
import type { SealContext, Vault } from '../../src/ports/vault.ts';
import { providers } from '../../src/providers/registry.ts';
import { FILE_FORMATS } from '../../src/sources/detect.ts';
import { FILE_LIMITS, readModel } from '../../src/sources/read-model.ts';
import { conflictCases } from '../../src/sync/conflicts.ts';
import { importUseCases } from '../../src/sync/import.ts';
import { integrationCases } from '../../src/sync/integrations.ts';
import { linkCases } from '../../src/sync/links.ts';
import type { Parts } from '../../src/sync/parts.ts';
import { startPublisher } from '../../src/sync/publisher.ts';
import { syncCases } from '../../src/sync/runs.ts';
import { threatCases } from '../../src/sync/threats.ts';
import { webhookCases } from '../../src/sync/webhooks.ts';
import { startWorkers } from '../../src/sync/worker.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';
import type { Wire } from '../../src/transport/exchange.ts';
import type { Life } from './life.ts';

const MINUTE_MS = 60_000;

/** The publisher's own wait. */
const PUBLISHER_MS = 250;

const NO_METERS: Meters = {
  runFinished: () => undefined,
  webhook: () => undefined,
  error: () => undefined,
};

/** Reads in this thread and at once. */
const READER: FileReader = {
  read: async (bytes) => readModel(bytes, FILE_LIMITS),
  async patch(format, bytes, edits) {
    const found = FILE_FORMATS.find((each) => each.id === format);
    if (found === undefined) throw new Error(`no format ${format}`);
    return found.patch(bytes, edits);
  },
};

/** Seals without a key, and still opens for its own row only: real encryption would run outside of virtual time. */
const VAULT: Vault = {
  currentKey: 'sim',
  keys: ['sim'],
  keyOf: () => 'sim',
  seal: async (secret, context) => JSON.stringify([placeOf(context), secret.reveal()]),
  async open(sealed, context) {
    const [place, value]: unknown[] = JSON.parse(sealed);
    if (place !== placeOf(context) || typeof value !== 'string') throw new Error('sealed for another row');
    return new Secret(value);
  },
};

function placeOf({ tenantId, ownerId, field }: SealContext): string {
  return JSON.stringify([tenantId, ownerId, field]);
}

export interface Surroundings {
  store: Store;
  wireOf: (name: string) => Wire;
  clock: Clock;
  chance: Chance;
  log: Log;
  /** Every service's bus rings every other one's. */
  bus: EventBus;
  publicUrl: string;
  sweepMs: number;
  /** How often idle workers look; the publisher looks half as often. */
  pollMs: number;
  /** Sees a transaction's repositories before its work does. */
  watch: (tx: Tx, life: Life) => Tx;
}

/** One process of the service, as `compose` builds it, on the simulation's surroundings and with a life of its own. */
export function startReplica(life: Life, around: Surroundings, options: { works: boolean }) {
  const clock: Clock = {
    now: () => new Date(around.clock.now().getTime() + life.aheadMs),
    elapsed: () => around.clock.elapsed(),
    sleep: (ms, signal) => life.step(() => around.clock.sleep(ms, signal)),
  };
  const { chance, log } = around;
  const wire = around.wireOf(life.name);
  const transport = openTransport({
    clock,
    chance,
    log,
    metrics: { trackerRequest: () => undefined, trackerWait: () => undefined },
    policy: openPolicy({ allowedCidrs: [], allowHttp: false }),
    userAgent: 'tmi-simulation',
    // Its library looks at the machine's clock; the transport's own tests hold it to its word.
    breakerSettings: { failureShare: 0.999, window: 1000, minimum: 1000, openMs: MINUTE_MS },
    wire: (outgoing, signal) => life.request(() => wire(outgoing, signal)),
  });
  const parts: Parts = {
    store: mortalStore(around.store, life, around.watch),
    vault: VAULT,
    providers,
    // Names are not resolved: there is no network.
    outbound: { ...transport, admit: async () => undefined },
    reader: READER,
    bus: around.bus,
    meters: NO_METERS,
    clock,
    chance,
    log,
    // The product's waits but two.
    timings: { ...TIMINGS, pollMs: around.pollMs, sweepMs: around.sweepMs },
    publicUrl: around.publicUrl,
    lookedThrough: new Set(),
    paused: false,
  };
  if (options.works) {
    startWorkers(parts);
    const slowly: Clock = {
      ...clock,
      sleep: (ms, signal) => clock.sleep((ms / PUBLISHER_MS) * 2 * around.pollMs, signal),
    };
    startPublisher({ ...parts, clock: slowly });
  }
  return {
    life,
    integrations: integrationCases(parts),
    models: importUseCases({ store: parts.store, reader: READER, clock, chance }),
    threats: threatCases(parts),
    sync: syncCases(parts),
    conflicts: conflictCases(parts),
    links: linkCases(parts),
    webhooks: webhookCases(parts),
    close: () => transport.close(),
  };
}

export type Replica = ReturnType<typeof startReplica>;

/** The bus that all replicas share, as Redis would be. */
export function sharedBus(log: Log): EventBus {
  return inProcessEvents(log);
}

/** The store as one process reaches it: it may die before, within and after each of its transactions. */
function mortalStore(store: Store, life: Life, watch: Surroundings['watch']): Store {
  const { dispatch, installation } = store;
  return {
    ...store,
    tenant: (tenantId) => ({
      tenantId,
      transact: (work) =>
        life.step(() =>
          store.tenant(tenantId).transact(async (tx) => {
            const answer = await work(watch(tx, life));
            life.within();
            return answer;
          }),
        ),
    }),
    installation: {
      get: (name) => life.step(() => installation.get(name)),
      putOnce: (name, sealed) => life.step(() => installation.putOnce(name, sealed)),
      names: () => life.step(() => installation.names()),
      replace: (name, from, to) => life.step(() => installation.replace(name, from, to)),
      keysInUse: () => life.step(() => installation.keysInUse()),
    },
    dispatch: {
      ...dispatch,
      claim: (...given) => life.step(() => dispatch.claim(...given)),
      renew: (lease, leaseMs) => life.step(() => dispatch.renew(lease, leaseMs)),
      release: (lease, nextDueAt) => life.step(() => dispatch.release(lease, nextDueAt)),
      door: (integrationId) => life.step(() => dispatch.door(integrationId)),
      accept: (...given) => life.step(() => dispatch.accept(...given)),
      sequence: (limit) => life.step(() => dispatch.sequence(limit)),
      markPublished: (ids) => life.step(() => dispatch.markPublished(ids)),
    },
  };
}
