import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanonicalModel } from '../../src/domain/canonical.ts';
import { house as serviceHouse } from './house.ts';
import { dragon, house, many } from './import-house.ts';
import { syncedTeam } from './team.ts';
import { codeIs } from '../store/fixtures.ts';

const at = house();
const given = serviceHouse();
const ALL = { limit: 99 };

function platformModel(count: number): CanonicalModel {
  const threats = Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    title: `Threat ${index}`,
    description: '',
    status: 'identified' as const,
    severity: 'high' as const,
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
  }));
  return { name: 'Platform', threats };
}

describe('an import that loses too much', () => {
  it('is kept with what it would do, and done when somebody says yes', async () => {
    const { heldImports, models, newCaller, threats } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(10)) });
    const fewer = dragon('A', [...many(4), { id: 'new' }]);
    await assert.rejects(models.import(caller, { bytes: fewer }), codeIs('import-needs-confirmation'));
    const [held] = (await heldImports.list(caller, ALL)).items;
    assert.ok(held !== undefined);
    assert.deepEqual(
      [held.modelId, held.found, held.fresh, held.gone, held.isOutdated],
      [model.id, 5, 1, 6, false],
    );
    const report = await heldImports.confirm(caller, held.id);
    assert.deepEqual([report.gone.length, report.fresh.length], [6, 1]);
    const present = (await threats(caller, model.id)).filter(({ presence }) => presence === 'present');
    assert.equal(present.length, 5);
    assert.deepEqual((await heldImports.list(caller, ALL)).items, []);
    await assert.rejects(heldImports.confirm(caller, held.id), codeIs('not-found'));
  });

  it('is the same one when it is given again, and makes way for a newer one', async () => {
    const { heldImports, models, newCaller } = at();
    const caller = newCaller();
    await models.import(caller, { bytes: dragon('A', many(10)) });
    const tries = [dragon('A', many(4)), dragon('A', many(4)), dragon('A', many(3))];
    const ids = [];
    for (const bytes of tries) {
      await assert.rejects(models.import(caller, { bytes }), codeIs('import-needs-confirmation'));
      const { items } = await heldImports.list(caller, ALL);
      assert.equal(items.length, 1);
      ids.push(items[0]?.id);
    }
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[1], ids[2]);
  });

  it('is refused when the model was imported again since, and can only be discarded', async () => {
    const { heldImports, models, newCaller } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(10)) });
    await assert.rejects(
      models.import(caller, { bytes: dragon('A', many(4)) }),
      codeIs('import-needs-confirmation'),
    );
    await models.import(caller, { bytes: dragon('A', many(11)) });
    const [held] = (await heldImports.list(caller, ALL)).items;
    assert.equal(held?.isOutdated, true);
    await assert.rejects(heldImports.confirm(caller, held?.id ?? ''), codeIs('import-outdated'));
    assert.equal((await models.get(caller, model.id)).version, 2);
    await heldImports.discard(caller, held?.id ?? '');
    assert.deepEqual((await heldImports.list(caller, ALL)).items, []);
    await assert.rejects(heldImports.discard(caller, held?.id ?? ''), codeIs('not-found'));
  });

  it('of the platform waits as well: nobody hears its answer', async () => {
    const { heldImports, models, newCaller, threats } = at();
    const caller = newCaller();
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    await models.put(caller, id, platformModel(10));
    await assert.rejects(models.put(caller, id, platformModel(1)), codeIs('import-needs-confirmation'));
    const [held] = (await heldImports.list(caller, ALL)).items;
    const report = await heldImports.confirm(caller, held?.id ?? '');
    assert.equal(report.gone.length, 9);
    const present = (await threats(caller, id)).filter(({ presence }) => presence === 'present');
    assert.equal(present.length, 1);
  });

  it('is nobody else’s: another tenant finds none', async () => {
    const { heldImports, models, newCaller } = at();
    const [caller, other] = [newCaller(), newCaller()];
    await models.import(caller, { bytes: dragon('A', many(10)) });
    await assert.rejects(
      models.import(caller, { bytes: dragon('A', []) }),
      codeIs('import-needs-confirmation'),
    );
    const [held] = (await heldImports.list(caller, ALL)).items;
    assert.deepEqual((await heldImports.list(other, ALL)).items, []);
    await assert.rejects(heldImports.confirm(other, held?.id ?? ''), codeIs('not-found'));
  });

  it('shows in the status of the integration and in the explanation of its threats', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    const { explanations, heldImports, integrations, models } = given().useCases();
    const fewer = { bytes: dragon('A', many(1)), modelId: team.modelId };
    await assert.rejects(models.import(team.caller, fewer), codeIs('import-needs-confirmation'));
    const status = await integrations.status(team.caller, team.integrationId);
    assert.equal(status.health, 'waiting');
    assert.ok(status.problems.some(({ code }) => code === 'import-held'));
    const told = await explanations.link(team.caller, (await team.link(1)).id);
    assert.match(told.summary, /waits for a yes/);
    const [held] = (await heldImports.list(team.caller, ALL)).items;
    await heldImports.discard(team.caller, held?.id ?? '');
    assert.equal((await integrations.status(team.caller, team.integrationId)).health, 'healthy');
  });
});
