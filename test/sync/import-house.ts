import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Integration } from '../../src/domain/integration.ts';
import type { Link } from '../../src/domain/link.ts';
import type { Threat } from '../../src/domain/threat.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { FileReader } from '../../src/ports/source.ts';
import type { Store } from '../../src/ports/store.ts';
import { systemChance } from '../../src/clock.ts';
import { FILE_FORMATS } from '../../src/sources/detect.ts';
import { FILE_LIMITS, readModel } from '../../src/sources/read-model.ts';
import { openStore } from '../../src/store/open.ts';
import { type HeldImportCases, heldImportCases } from '../../src/sync/held-imports.ts';
import { importUseCases } from '../../src/sync/import.ts';
import type { Caller } from '../../src/sync/use-cases.ts';
import { bytesOf } from '../sources/samples.ts';
import { QUIET } from '../store/database.ts';
import { aBoundLink, HOST, settle, tenantName } from '../store/fixtures.ts';

/** Reads in this thread: what the thread adds is tested with the reader. */
const reader: FileReader = {
  read: async (bytes) => readModel(bytes, FILE_LIMITS),
  patch: async (format, bytes, edits) =>
    FILE_FORMATS.find((each) => each.id === format)?.patch(bytes, edits) ?? assert.fail(format),
};

/** The use cases on an embedded database, with a clock that a test sets. */
export interface House {
  store: Store;
  models: ReturnType<typeof importUseCases>;
  heldImports: HeldImportCases;
  /** A caller of a tenant that nobody else uses. */
  newCaller: () => Caller;
  setTime: (iso: string) => void;
  threats: (caller: Caller, modelId: string) => Promise<readonly Threat[]>;
  /** An integration, and a link of it to every threat of a model. */
  linkAll: (caller: Caller, modelId: string) => Promise<{ integration: Integration; links: readonly Link[] }>;
  /** Change a threat as a person or a tracker would. */
  accept: (caller: Caller, threat: Threat, change: Partial<Threat>) => Promise<void>;
  /** What an import left behind for others: dirty links, whether the integration is due, events, journal actions. */
  traces: (caller: Caller, integrationId: string) => Promise<{ dirty: number; due: boolean; events: number }>;
  /** Take the dirty links and the due time away. */
  settleDown: (caller: Caller, integrationId: string) => Promise<void>;
}

/** Opens the house before the tests of a file, and closes it after them. */
export function house(): () => House {
  let opened: House | undefined;
  before(async () => (opened = await build()));
  after(async () => opened?.store.close());
  return () => opened ?? assert.fail('the house is not open');
}

async function build(): Promise<House> {
  const store = await openStore({ dataDir: 'memory', log: QUIET });
  let now = new Date('2026-03-01T00:00:00.000Z');
  const clock: Clock = {
    now: () => now,
    elapsed: () => 0,
    sleep: () => assert.fail('an import does not wait'),
  };
  const models = importUseCases({ store, reader, clock, chance: systemChance });
  const heldImports = heldImportCases({ store, clock }, models.confirmHeld);
  async function settleDown(caller: Caller, integrationId: string): Promise<void> {
    await store.tenant(caller.tenantId).transact(async (tx) => {
      const due = await tx.dirty.due(integrationId, 10_000, '2100-01-01T00:00:00.000Z');
      await tx.dirty.clear(integrationId, due);
    });
    for (;;) {
      const lease = await store.dispatch.claim('test', 60_000);
      if (lease === undefined) break;
      await store.dispatch.release(lease, null);
    }
    await store.dispatch.sequence(10_000);
  }

  return {
    store,
    models,
    heldImports,
    newCaller: () => ({ tenantId: tenantName(), actor: 'ann' }),
    setTime: (iso) => (now = new Date(iso)),
    threats: (caller, modelId) => store.tenant(caller.tenantId).transact((tx) => tx.threats.ofModel(modelId)),
    async linkAll(caller, modelId) {
      const integration = await settle(store, caller.tenantId, { state: 'active' });
      const links = await store.tenant(caller.tenantId).transact(async (tx) => {
        const threats = await tx.threats.ofModel(modelId);
        const made = threats.map((each) => aBoundLink(integration.id, { threatId: each.id }));
        for (const link of made) await tx.links.insert(link, HOST);
        return made;
      });
      await settleDown(caller, integration.id);
      return { integration, links };
    },
    async accept(caller, threat, change) {
      const updated = await store
        .tenant(caller.tenantId)
        .transact((tx) => tx.threats.update({ ...threat, ...change }));
      assert.ok(updated);
    },
    async traces(caller, integrationId) {
      const sequenced = await store.dispatch.sequence(10_000);
      return store.tenant(caller.tenantId).transact(async (tx) => ({
        dirty: await tx.dirty.count(integrationId),
        due: (await tx.integrations.nextDueAt(integrationId)) !== null,
        events: sequenced.filter(
          (each) => each.tenantId === caller.tenantId && each.type === 'threat:updated',
        ).length,
      }));
    },
    settleDown,
  };
}

/** A Threat Dragon model of these threats, one cell each. */
export function dragon(
  name: string,
  threats: readonly ({ id: string } & Record<string, unknown>)[],
): Uint8Array {
  const cells = threats.map(({ cell = 'cell-1', ...threat }) => ({
    id: cell,
    data: {
      type: 'tm.Process',
      name: 'API',
      hasOpenThreats: true,
      threats: [
        { title: `Threat ${threat.id}`, status: 'Open', severity: 'High', type: 'Tampering', ...threat },
      ],
    },
  }));
  return bytesOf({
    version: '2.3.0',
    summary: { title: name },
    detail: { diagrams: [{ title: 'Main', cells }] },
  });
}

/** So many threats, `t1` and on. */
export function many(count: number): { id: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `t${index + 1}` }));
}
