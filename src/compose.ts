import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { systemChance, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { AppError } from './domain/errors.ts';
import { installationId } from './domain/mark.ts';
import { TIMINGS, type Timings } from './domain/timings.ts';
import { cloudEvent } from './events/cloud-event.ts';
import { inProcessEvents } from './events/in-process.ts';
import { redisMemory } from './events/redis-memory.ts';
import { redisEvents } from './events/redis.ts';
import { type KeySet, keySetAt, keySetEndpoint } from './http/key-set.ts';
import { buildServer } from './http/server.ts';
import { openMetrics } from './observe/metrics.ts';
import type { Chance, Clock, Log } from './ports/clock.ts';
import type { EventBus } from './ports/events.ts';
import type { KeyProvider } from './ports/key-provider.ts';
import type { Outbound } from './ports/outbound.ts';
import type { Store } from './ports/store.ts';
import { providers } from './providers/registry.ts';
import { givenKeys } from './secrets/keys.ts';
import { makeVault } from './secrets/vault.ts';
import { platformEndpoint } from './sources/platform-endpoint.ts';
import { platformClient } from './sources/platform-client.ts';
import { readModelEvent } from './sources/platform-event.ts';
import { fileReader } from './sources/reader.ts';
import { openStore } from './store/open.ts';
import { startAuditChain } from './sync/audit-chain.ts';
import { conflictCases } from './sync/conflicts.ts';
import { deliveryCases } from './sync/deliveries.ts';
import { startHousekeeping } from './sync/housekeeping.ts';
import { importUseCases } from './sync/import.ts';
import { startInbound } from './sync/inbound.ts';
import { integrationCases } from './sync/integrations.ts';
import { deadLetterCases } from './sync/dead-letters.ts';
import { startExpiry } from './sync/expiry.ts';
import { explanationCases } from './sync/explanation.ts';
import { heldImportCases } from './sync/held-imports.ts';
import { linkCases } from './sync/links.ts';
import type { Parts } from './sync/parts.ts';
import { startPublisher } from './sync/publisher.ts';
import { installationKey } from './sync/session.ts';
import { syncCases } from './sync/runs.ts';
import { auditCases, eventCases, healthCases, idempotencyCases } from './sync/small-cases.ts';
import { threatCases } from './sync/threats.ts';
import { undoCases } from './sync/undo.ts';
import type { UseCases } from './sync/use-cases.ts';
import { webhookCases } from './sync/webhooks.ts';
import { startWorkers } from './sync/worker.ts';
import { openPolicy, type Resolve } from './transport/guard.ts';
import type { Timeouts } from './transport/connector.ts';
import type { Wire } from './transport/exchange.ts';
import { openTransport } from './transport/transport.ts';

/** What a test or the demo may decide instead of the machine; a scaled timing profile must be stated where it is used. */
export interface Overrides {
  clock?: Clock;
  chance?: Chance;
  timings?: Timings;
  /** An open store instead of the configured one; closing the service closes it. */
  store?: Store;
  /** Keys that a key management service keeps, instead of the configured ones. */
  keys?: KeyProvider;
  /** Stands between the engine and the trackers. */
  between?: (outbound: Outbound) => Outbound;
  /** How long a call to a tracker may take. */
  timeouts?: Timeouts;
  /** Names of a network within the process, and its wire instead of HTTP, so that a simulator may stand where a vendor's service is. */
  network?: { resolve: Resolve; wire?: Wire };
}

/** The whole service, working; it only has to listen. */
export interface Service {
  app: FastifyInstance;
  useCases: UseCases;
  /** Stops intake, finishes the items in hand, gives leases back, closes what is open: at most about `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

const GRACE_MS = 20_000;

/** Builds every part and hands each what it needs: the only place where the rooms meet. */
export async function compose(
  config: Readonly<Config>,
  log: Log,
  overrides: Overrides = {},
): Promise<Service> {
  const store =
    overrides.store ??
    (await openStore({
      ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
      dataDir: config.dataDir,
      log,
    }));
  try {
    return await composeOn(store, config, log, overrides);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function composeOn(
  store: Store,
  config: Readonly<Config>,
  log: Log,
  overrides: Overrides,
): Promise<Service> {
  const { clock = systemClock, chance = systemChance, timings = TIMINGS } = overrides;
  const { between, timeouts, network } = overrides;
  const keys = overrides.keys ?? givenKeys({ current: config.encryptionKey, old: config.oldEncryptionKeys });
  const vault = makeVault(keys);
  await refuseUnknownKeys(store, vault.keys);
  const version = packageVersion();
  const metrics = openMetrics(version, () => store.dispatch.integrationCounts());
  const redis =
    config.redisUrl === undefined
      ? undefined
      : {
          url: config.redisUrl,
          installation: installationId(await installationKey({ store, vault, chance })),
          log,
        };
  const memory = redis === undefined ? undefined : redisMemory(redis);
  const transport = openTransport({
    clock,
    chance,
    log,
    metrics,
    policy: openPolicy({
      ...config.trackers,
      ...(network === undefined ? {} : { resolve: network.resolve }),
    }),
    userAgent: `threat-model-integration/${version}`,
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(memory === undefined ? {} : { together: { memory, self: chance.uuid() } }),
    ...(network?.wire === undefined ? {} : { wire: network.wire }),
  });
  metrics.watchTrackers(() => transport.figures());
  const outbound = between?.(transport) ?? transport;
  const bus = redis === undefined ? inProcessEvents(log) : redisEvents(redis);
  // A database that was put back in time is noticed by what Redis remembers: nobody works before it can be asked.
  await bus.opened();
  const reader = fileReader();
  const parts: Parts = {
    store,
    vault,
    providers,
    outbound,
    reader,
    ...platformOf(config, outbound),
    bus,
    meters: metrics,
    clock,
    chance,
    log,
    timings,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    lookedThrough: new Set(),
    paused: config.syncPaused,
  };
  const models = importUseCases({ store, reader, clock, chance });
  const woken = waking(models, bus);
  const workers = startWorkers(parts);
  const publisher = startPublisher(parts);
  const housekeeping = startHousekeeping(parts, config.retention);
  const expiry = startExpiry(parts);
  const auditChain = startAuditChain(parts);
  const inbound = startInbound(parts, models, { tenancy: config.tenancy, read: readModelEvent });
  const useCases: UseCases = {
    integrations: integrationCases(parts),
    sync: syncCases(parts),
    undo: undoCases(parts),
    models: { ...models, ...woken },
    heldImports: heldImportCases({ store, clock }, woken.confirmHeld),
    threats: threatCases(parts),
    links: linkCases(parts),
    explanations: explanationCases(parts),
    deadLetters: deadLetterCases(parts),
    conflicts: conflictCases(parts),
    deliveries: deliveryCases(parts),
    webhooks: webhookCases(parts),
    audit: auditCases(parts),
    events: eventCases(parts),
    idempotency: idempotencyCases(parts),
    health: healthCases(parts, workers),
  };
  const app = await buildServer({
    useCases,
    config: { ...config, version },
    log,
    metrics,
    clock,
    chance,
    ...keySetOf(config, outbound),
    cloudEvent,
  });
  return {
    app,
    useCases,
    async close(graceMs = GRACE_MS) {
      await app.close();
      await Promise.all([
        workers.stop(graceMs),
        ...[inbound, housekeeping, expiry, auditChain].map((each) => each.stop()),
      ]);
      await publisher.stop();
      await bus.close();
      await outbound.close();
      await memory?.close();
      await store.close();
    },
  };
}

/** An import is work for the workers of every replica. */
function waking(
  models: ReturnType<typeof importUseCases>,
  bus: EventBus,
): Pick<typeof models, 'import' | 'put' | 'remove' | 'confirmHeld'> {
  const thenWake = async <T>(work: Promise<T>): Promise<T> => {
    const done = await work;
    bus.wake();
    return done;
  };
  return {
    import: (caller, request) => thenWake(models.import(caller, request)),
    confirmHeld: (caller, id) => thenWake(models.confirmHeld(caller, id)),
    put: (caller, id, model, options) => thenWake(models.put(caller, id, model, options)),
    remove: (caller, id, version) => thenWake(models.remove(caller, id, version)),
  };
}

function platformOf(config: Readonly<Config>, outbound: Outbound): Pick<Parts, 'platform'> {
  if (config.platform === undefined) return {};
  const endpoint = platformEndpoint(config.platform);
  const way = outbound.open(endpoint, { tenantId: 'installation', integrationId: 'platform' });
  return { platform: platformClient(way.send) };
}

function keySetOf({ jwksUrl }: Readonly<Config>, outbound: Outbound): { keySet?: KeySet } {
  if (jwksUrl === undefined) return {};
  const way = outbound.open(keySetEndpoint(jwksUrl), { tenantId: 'installation', integrationId: 'jwks' });
  return { keySet: keySetAt(jwksUrl, way.send) };
}

/** Rows sealed with a key we do not have would be lost credentials: better not to start. */
async function refuseUnknownKeys(store: Store, known: readonly string[]): Promise<void> {
  const unknown = (await store.installation.keysInUse()).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new AppError(
      'sealed-unreadable',
      `The database holds credentials sealed with another ENCRYPTION_KEY (key id ${unknown.join(', ')}; given: ${known.join(', ')}). Start with the key they were sealed with, or name it in ENCRYPTION_KEYS_OLD.`,
    );
}

const Package = z.object({ version: z.string() });

/** This service's, for those whom it calls. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return Package.parse(JSON.parse(text)).version;
}
