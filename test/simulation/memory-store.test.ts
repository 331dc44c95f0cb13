import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { HOST, aBoundLink, aModel, aThreat, at, codeIs, furnish, settle } from '../store/fixtures.ts';
import { foundingOf, stepsOf } from '../store/histories/steps.ts';
import type { World } from '../store/histories/commands.ts';
import { memoryStage } from './memory-stage.ts';
import type { MemoryStage } from './memory-stage.ts';

const TENANT = 'acme';
const MODEL = '11111111-1111-4111-8111-111111111111';

/** Do all steps of a history, whatever is refused. */
async function live({ store }: MemoryStage, seed: number): Promise<void> {
  const world: World = { leases: new Map() };
  for (const step of [...foundingOf(seed), ...stepsOf(seed, 80)])
    await step.run(store, world).catch((thrown: unknown) => assert.ok(thrown instanceof Error));
}

/** Ids in the order of their numbers. */
function idOf(index: number): string {
  return `${index}`.padStart(8, '0') + MODEL.slice(8);
}

function hashOf(dump: object): string {
  return createHash('sha256').update(JSON.stringify(dump)).digest('hex');
}

describe('a dump of the store in memory', () => {
  it('is plain JSON of every row, in an order of its own', async () => {
    const { store } = memoryStage();
    const { link } = await furnish(store, TENANT);
    const dump = store.dump();
    assert.deepEqual(JSON.parse(JSON.stringify(dump)), dump);
    assert.deepEqual(Object.keys(dump), Object.keys(dump).toSorted());
    const empty = Object.entries(dump).filter(([, rows]) => rows.length === 0);
    assert.deepEqual(
      empty.map(([name]) => name),
      ['installation'],
    );
    assert.deepEqual(
      dump['links']?.map((row) => [row['id'], row['state'], row['version']]),
      [[link.id, 'linked', 1]],
    );
    assert.equal(dump['models']?.[0]?.['file'], '01');
    assert.ok(!JSON.stringify(dump).includes('#'));
  });

  it('is the same after the same history, and another one after another', async () => {
    const dumps = [];
    for (const seed of [1, 1, 2]) {
      const stage = memoryStage();
      await live(stage, seed);
      dumps.push(hashOf(stage.store.dump()));
    }
    assert.equal(dumps[0], dumps[1]);
    assert.notEqual(dumps[0], dumps[2]);
  });

  it('does not depend on the order in which rows and members were written', async () => {
    const [a, b] = [aModel({ name: 'a' }), aModel({ name: 'b' })];
    const turned = Object.fromEntries(Object.entries(a).toReversed());
    const dumps = [];
    for (const models of [
      [a, b],
      [b, { ...a, ...turned }],
      [b, Object.assign(turned, a)],
    ]) {
      const { store } = memoryStage();
      for (const model of models) await store.tenant(TENANT).transact((tx) => tx.models.insert(model));
      dumps.push(JSON.stringify(store.dump()));
    }
    assert.equal(new Set(dumps).size, 1);
  });
});

describe('a clock that stands still', () => {
  it('leaves tenants their turns', async () => {
    const { store } = memoryStage();
    for (let index = 0; index < 6; index += 1) {
      const tenantId = index < 3 ? 'first' : 'second';
      const { id } = await settle(store, tenantId, { id: idOf(index) });
      await store.tenant(tenantId).transact((tx) => tx.integrations.wake(id));
    }
    const served = [];
    for (let turn = 0; turn < 6; turn += 1)
      served.push((await store.dispatch.claim('worker', 60_000))?.tenantId);
    assert.deepEqual(served, ['first', 'second', 'first', 'second', 'first', 'second']);
  });

  it('leaves dirty links their age', async () => {
    const { store } = memoryStage();
    const tenant = store.tenant(TENANT);
    const { id } = await settle(store, TENANT);
    const linkIds = [5, 3, 4].map(idOf);
    for (const linkId of linkIds)
      await tenant.transact(async (tx) => {
        await tx.links.insert(aBoundLink(id, { id: linkId }), HOST);
        await tx.dirty.mark(id, [{ linkId, reason: 'issue' }]);
      });
    const due = await tenant.transact((tx) => tx.dirty.due(id, 9, at(0)));
    assert.deepEqual(
      due.map((dirty) => dirty.linkId),
      linkIds,
    );
  });
});

describe('text in the store in memory', () => {
  it('is in the order of its code points, as in a database with the collation C', async () => {
    const names = ['B', 'a', 'ä', '\ud7ff', '\uffee', '\u{1f600}'];
    await memoryStage()
      .store.tenant(TENANT)
      .transact(async (tx) => {
        for (const name of names.toReversed()) await tx.models.insert(aModel({ name }));
        const { items } = await tx.models.list({ limit: 9 });
        assert.deepEqual(
          items.map((model) => model.name),
          names,
        );
      });
  });
});

describe('a snapshot of the store in memory', () => {
  it('is gone back to any number of times, with its keys, numbers and places', async () => {
    const stage = memoryStage();
    const { store } = stage;
    await live(stage, 3);
    const tenant = store.tenant(TENANT);
    const integration = await settle(store, TENANT);
    const model = aModel();
    await tenant.transact((tx) => tx.models.insert(model));
    const snapshot = store.snapshot();
    const before = store.dump();
    const journals = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const link = aBoundLink(integration.id);
      await tenant.transact(async (tx) => {
        // Would be refused as doubled, and numbered on, if anything were left of the time before.
        assert.deepEqual(
          (await tx.threats.insert([aThreat(model.id, { id: link.threatId })])).map((each) => each.number),
          [1],
        );
        await tx.links.insert({ ...link, issue: { id: 'one', key: '1', url: 'u' } }, HOST);
        await tx.models.update(model);
        await tx.events.add([{ type: 'sync:started', subject: 's', data: {} }], at(0));
        assert.equal((await tx.links.byIssues(integration.id, ['one'])).length, 1);
      });
      await live(stage, 4);
      journals.push(store.dump()['journal']);
      assert.notDeepEqual(store.dump(), before);
      store.restore(snapshot);
      assert.deepEqual(store.dump(), before);
      await tenant.transact(async (tx) => {
        assert.deepEqual(await tx.links.byIssues(integration.id, ['one']), []);
        assert.deepEqual(await tx.models.get(model.id), model);
      });
    }
    assert.deepEqual(journals[1], journals[0]);
  });

  it('cuts what is open, and belongs to its store', async () => {
    const { store } = memoryStage();
    const snapshot = store.snapshot();
    const model = aModel();
    const open = store.tenant(TENANT).transact(async (tx) => {
      await tx.models.insert(model);
      store.restore(snapshot);
    });
    await assert.rejects(open, codeIs('unavailable'));
    assert.deepEqual(store.dump()['models'], []);
    assert.throws(() => memoryStage().store.restore(snapshot), codeIs('internal'));
  });
});

describe('a crash of the store in memory', () => {
  it('drops what was not committed, also of those who wait, and keeps the rest', async () => {
    const stage = memoryStage();
    const { store } = stage;
    const tenant = store.tenant(TENANT);
    const model = aModel();
    await tenant.transact((tx) => tx.models.insert(model));
    const written = Promise.withResolvers<void>();
    const forever = tenant.transact(async (tx) => {
      await tx.models.update({ ...model, name: 'never' });
      written.resolve();
      await new Promise(() => undefined);
    });
    await written.promise;
    const waiting = tenant.transact((tx) => tx.models.update({ ...model, name: 'nor this' }));
    const heard = assert.rejects(waiting, codeIs('unavailable'));
    await stage.passes(0);
    store.crash();
    await heard;
    assert.deepEqual(await tenant.transact((tx) => tx.models.update({ ...model, name: 'this' })), {
      ...model,
      name: 'this',
      version: 2,
    });
    assert.ok(forever instanceof Promise);
  });

  it('leaves no lock behind, at whatever statement it comes', async () => {
    for (let fatal = 1; fatal < 12; fatal += 1) {
      let statements = 0;
      const stage = memoryStage({
        between: async () => {
          statements += 1;
          if (statements === fatal) stage.store.crash();
        },
      });
      const tenant = stage.store.tenant(TENANT);
      const model = aModel();
      const work = () =>
        tenant.transact(async (tx) => {
          await tx.models.insert(model);
          await tx.threats.insert([aThreat(model.id)]);
          await tx.models.update(model);
          await tx.events.add([{ type: 'sync:started', subject: 's', data: {} }], at(0));
          return 'done';
        });
      const first = await work().catch((thrown: unknown) => thrown);
      if (first !== 'done') {
        assert.ok(first instanceof AppError && first.code === 'unavailable', String(first));
        assert.deepEqual([...new Set(Object.values(stage.store.dump()).map((rows) => rows.length))], [0]);
        assert.equal(await work(), 'done');
      }
      assert.equal(stage.store.dump()['threats']?.length, 1);
    }
  });
});

/** Two read the same counter and write it back, in the order of turns that the seed gives; answers what is left. */
async function race(seed: number): Promise<string> {
  let state = seed;
  const between = async () => {
    state = (state * 48_271) % 2_147_483_647;
    for (let turn = state % 60; turn > 0; turn -= 1) await Promise.resolve();
  };
  const stage = memoryStage({ between });
  const tenant = stage.store.tenant(TENANT);
  const model = aModel({ id: MODEL });
  await tenant.transact((tx) => tx.models.insert(model));
  const names = ['a', 'b'].map((name) =>
    tenant
      .transact(async (tx) => {
        const seen = await tx.models.get(model.id);
        assert.ok(seen);
        await tx.models.update({ ...seen, name: seen.name + name });
      })
      .then(
        () => 'written',
        (thrown: unknown) => (codeIs('stale-version')(thrown) ? 'stale' : String(thrown)),
      ),
  );
  const ends = await Promise.all(names);
  return JSON.stringify([ends, stage.store.dump()['models']]);
}

describe('two workers on the store in memory', () => {
  it('meet between statements: some races are lost, none is lost unheard, and each seed goes its own way again', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40; seed += 1) {
      const left = await race(seed);
      assert.equal(await race(seed), left);
      const [ends, rows]: [string[], { version: number }[]] = JSON.parse(left);
      assert.equal(rows[0]?.version, 1 + ends.filter((end) => end === 'written').length);
      seen.add(ends.toSorted().join());
    }
    assert.deepEqual([...seen].toSorted(), ['stale,written', 'written,written']);
  });
});
