import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOf, demoModel, NO_SAMPLES, sample, textOf } from '../sources/samples.ts';
import { codeIs } from '../store/fixtures.ts';
import { dragon, house, many } from './import-house.ts';

const at = house();

/** Titles of threats by id, for readable assertions. */
async function titles(
  caller: ReturnType<ReturnType<typeof at>['newCaller']>,
  modelId: string,
  ids: readonly string[],
) {
  const known = await at().threats(caller, modelId);
  return ids.map((id) => known.find((each) => each.id === id)?.title);
}

function oneThreat(status: string): Uint8Array {
  return dragon('A', [{ id: 't1', status }]);
}

describe('importing a file', () => {
  it('keeps every threat of a new model, numbered, with the bytes of the file', async () => {
    const { models, newCaller, store, threats } = at();
    const caller = newCaller();
    const bytes = demoModel('payments.json');
    const report = await models.import(caller, {
      bytes,
      source: { repo: 'shop', path: 'tm/payments.json', revision: 'a1' },
    });
    assert.equal(report.found, 16);
    assert.equal(report.fresh.length, 16);
    assert.equal(report.model.name, 'Payments');
    assert.deepEqual(report.model.source, { repo: 'shop', path: 'tm/payments.json', revision: 'a1' });
    const kept = await threats(caller, report.model.id);
    assert.deepEqual(
      kept.map((each) => each.number),
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
    const file = await store.tenant(caller.tenantId).transact((tx) => tx.models.file(report.model.id));
    assert.ok(file && Buffer.from(file).equals(bytes));
  });

  it('changes nothing at all when the same file comes again', async () => {
    const { models, newCaller, threats, linkAll, traces } = at();
    const caller = newCaller();
    for (const name of ['payments.json', 'claims-portal.tc.json']) {
      const bytes = demoModel(name);
      const first = await models.import(caller, { bytes });
      const { integration } = await linkAll(caller, first.model.id);
      const before = await threats(caller, first.model.id);
      const again = await models.import(caller, { bytes });
      assert.deepEqual(await threats(caller, first.model.id), before);
      assert.deepEqual(await models.get(caller, first.model.id), first.model);
      assert.deepEqual(
        [again.kept.length, again.fresh, again.changed, again.gone],
        [before.length, [], [], []],
      );
      assert.deepEqual(await traces(caller, integration.id), { dirty: 0, due: false, events: 0 });
    }
  });

  it('marks nothing dirty for a new revision whose threats are the same', async () => {
    const { models, newCaller, linkAll, traces } = at();
    const caller = newCaller();
    const source = { path: 'a.json', revision: '1' };
    const first = await models.import(caller, { bytes: dragon('A', many(3)), source });
    const { integration } = await linkAll(caller, first.model.id);
    const compact = bytesOf(JSON.stringify(JSON.parse(textOf(dragon('A', many(3))))));
    const again = await models.import(caller, { bytes: compact, source: { ...source, revision: '2' } });
    assert.equal(again.model.source.revision, '2');
    assert.equal(again.model.version, first.model.version + 1);
    assert.deepEqual(await traces(caller, integration.id), { dirty: 0, due: false, events: 0 });
  });

  it('tells every change in one go: threats, journal, events, dirty links, a due integration', async () => {
    const { models, newCaller, store, linkAll, traces, threats } = at();
    const caller = newCaller();
    const first = await models.import(caller, { bytes: dragon('A', many(8)) });
    const { integration } = await linkAll(caller, first.model.id);
    const next = many(8)
      .slice(1)
      .map((each) => (each.id === 't2' ? { ...each, title: 'New words', severity: 'Low' } : each));
    const report = await models.import(caller, {
      bytes: dragon('A', [...next, { id: 't9', title: 'Quite another' }]),
    });
    assert.deepEqual(await titles(caller, first.model.id, report.changed), ['New words']);
    assert.deepEqual(await titles(caller, first.model.id, report.gone), ['Threat t1']);
    assert.deepEqual(await titles(caller, first.model.id, report.fresh), ['Quite another']);
    assert.deepEqual(await traces(caller, integration.id), { dirty: 2, due: true, events: 2 });
    const changed = (await threats(caller, first.model.id)).find((each) => each.title === 'New words');
    assert.ok(changed);
    const journal = await store.tenant(caller.tenantId).transact((tx) => tx.journal.ofThreat(changed.id, 10));
    const fields = journal
      .filter((each) => each.action === 'threat-changed')
      .map((each) => `${each.field}: ${each.before} > ${each.after}`);
    assert.deepEqual(fields.toSorted(), ['severity: high > low', 'title: Threat t2 > New words']);
    const events = await store.tenant(caller.tenantId).transact((tx) => tx.events.after(0, 100));
    const told = events.find((each) => each.subject === changed.id);
    assert.deepEqual(told?.data['fields'], {
      title: { before: 'Threat t2', after: 'New words' },
      severity: { before: 'high', after: 'low' },
    });
  });

  it('takes the status of the file only if it changed there', async () => {
    const { models, newCaller, threats, accept } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: oneThreat('Open') });
    const [threat] = await threats(caller, model.id);
    assert.ok(threat);
    await accept(caller, threat, { status: 'accepted' });
    await models.import(caller, { bytes: Buffer.concat([oneThreat('Open'), Buffer.from('\n')]) });
    assert.equal((await threats(caller, model.id))[0]?.status, 'accepted');
    const report = await models.import(caller, { bytes: oneThreat('Mitigated') });
    assert.equal((await threats(caller, model.id))[0]?.status, 'mitigated');
    assert.deepEqual(report.changed, [threat.id]);
  });

  it('has nothing to tell when the file comes to say what we said already', async () => {
    const { models, newCaller, threats, accept, linkAll, traces } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(1)) });
    const [threat] = await threats(caller, model.id);
    assert.ok(threat);
    await accept(caller, threat, { status: 'mitigated' });
    const { integration } = await linkAll(caller, model.id);
    const report = await models.import(caller, { bytes: dragon('A', [{ id: 't1', status: 'Mitigated' }]) });
    assert.deepEqual(report.changed, []);
    assert.equal((await traces(caller, integration.id)).dirty, 0);
  });

  it('keeps a threat that vanished, and knows it again', async () => {
    const { models, newCaller, threats, setTime } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(4)) });
    setTime('2026-03-02T00:00:00.000Z');
    const less = await models.import(caller, { bytes: dragon('A', many(3)) });
    const missing = (await threats(caller, model.id)).find((each) => each.presence === 'missing');
    assert.deepEqual([less.gone, missing?.missingSince], [[missing?.id], '2026-03-02T00:00:00.000Z']);
    const back = await models.import(caller, { bytes: dragon('A', many(4)) });
    assert.deepEqual([back.returned, back.fresh, back.changed], [[missing?.id], [], []]);
    assert.ok((await threats(caller, model.id)).every((each) => each.presence === 'present'));
  });

  it('reports a renamed threat that also got another id', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    await models.import(caller, {
      bytes: dragon('A', [{ id: 'x', title: 'Forged callback marks an order as payed' }]),
    });
    const to = 'Forged callback marks an order as paid';
    const report = await models.import(caller, { bytes: dragon('A', [{ id: 'y', title: to }]) });
    assert.deepEqual(
      report.renamed.map((each) => each.to),
      [to],
    );
    assert.deepEqual([report.fresh, report.gone], [[], []]);
    const again = await models.import(caller, { bytes: dragon('A', [{ id: 'y', title: to }]) });
    assert.deepEqual([again.kept.length, again.renamed, again.changed], [1, [], []]);
  });

  it('leaves the issue with the original when an element is copied', async () => {
    const { models, newCaller, threats } = at();
    const caller = newCaller();
    const original = { id: 'x', cell: 'one' };
    const { model } = await models.import(caller, { bytes: dragon('A', [original]) });
    const copied = await models.import(caller, { bytes: dragon('A', [{ id: 'x', cell: 'two' }, original]) });
    assert.deepEqual([copied.kept.length, copied.fresh.length], [1, 1]);
    const kept = await threats(caller, model.id);
    assert.deepEqual(
      kept.map((each) => [each.key, each.element?.id]),
      [
        ['x', 'one'],
        ['x#two#0', 'two'],
      ],
    );
    const onlyCopy = await models.import(caller, { bytes: dragon('A', [{ id: 'x', cell: 'two' }]) });
    assert.deepEqual([onlyCopy.kept, onlyCopy.gone], [[kept[1]?.id], [kept[0]?.id]]);
  });

  it('holds an import that loses too much, and changes nothing until somebody confirms it', async () => {
    const { models, newCaller, threats } = at();
    const caller = newCaller();
    const first = await models.import(caller, { bytes: dragon('A', many(10)) });
    const before = await threats(caller, first.model.id);
    const fewer = dragon('A', many(4));
    await assert.rejects(models.import(caller, { bytes: fewer }), codeIs('import-needs-confirmation'));
    await assert.rejects(
      models.import(caller, { bytes: dragon('A', []) }),
      codeIs('import-needs-confirmation'),
    );
    assert.deepEqual(await threats(caller, first.model.id), before);
    assert.deepEqual(await models.get(caller, first.model.id), first.model);
    const confirmed = await models.import(caller, { bytes: fewer, confirm: true });
    assert.equal(confirmed.gone.length, 6);
  });

  it('leaves the stored model alone when a file cannot be read', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(3)) });
    const cut = dragon('A', many(3)).subarray(0, 200);
    await assert.rejects(
      models.import(caller, { bytes: cut, modelId: model.id }),
      codeIs('model-unreadable'),
    );
    assert.deepEqual(await models.get(caller, model.id), model);
  });

  it('gives two imports at the same time one result', async () => {
    const { models, newCaller, threats } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(5)) });
    const next = dragon('A', [...many(4), { id: 't5', title: 'New words' }, { id: 't6' }]);
    await Promise.all([1, 2].map(() => models.import(caller, { bytes: next, modelId: model.id })));
    const kept = await threats(caller, model.id);
    assert.deepEqual(
      kept.map((each) => each.title),
      ['t1', 't2', 't3', 't4'].map((id) => `Threat ${id}`).concat('New words', 'Threat t6'),
    );
  });

  it(
    'imports every sample file with its count, and the later one of a series as an update',
    { skip: NO_SAMPLES },
    async () => {
      const { models, newCaller } = at();
      const caller = newCaller();
      const series = { path: 'tc/composer.tc.json' };
      const first = await models.import(caller, {
        bytes: sample('threat-composer/reinforce2024-ex1.tc.json'),
        source: series,
      });
      const later = await models.import(caller, {
        bytes: sample('threat-composer/reinforce2024-ex3.3.tc.json'),
        source: series,
      });
      assert.equal(later.model.id, first.model.id);
      assert.deepEqual(
        [first.fresh.length, later.kept.length, later.fresh.length, later.gone.length],
        [18, 18, 7, 0],
      );
      assert.deepEqual(later.changed.length, 0);
      const web = await models.import(caller, { bytes: sample('threat-dragon-v2/demo-web.json') });
      assert.equal(web.fresh.length, 14);
    },
  );
});
