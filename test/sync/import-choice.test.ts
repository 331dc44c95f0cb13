import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { codeIs } from '../store/fixtures.ts';
import { dragon, house, many } from './import-house.ts';

const at = house();

describe('which model a file is', () => {
  it('is the one that is named, whatever the file calls itself', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const first = await models.import(caller, { bytes: dragon('A', many(2)) });
    const again = await models.import(caller, { bytes: dragon('B', many(2)), modelId: first.model.id });
    assert.deepEqual([again.model.id, again.model.name], [first.model.id, 'B']);
  });

  it("is nobody else's when the id is unknown or another tenant's", async () => {
    const { models, newCaller } = at();
    const { model } = await models.import(newCaller(), { bytes: dragon('A', many(2)) });
    const stranger = models.import(newCaller(), { bytes: dragon('A', many(2)), modelId: model.id });
    await assert.rejects(stranger, codeIs('not-found'));
  });

  it('is the one at the same place of the same repository', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const source = { repo: 'shop', path: 'tm/a.json' };
    const first = await models.import(caller, { bytes: dragon('A', many(2)), source });
    const again = await models.import(caller, { bytes: dragon('B', many(2)), source });
    assert.equal(again.model.id, first.model.id);
    const elsewhere = models.import(caller, {
      bytes: dragon('B', many(2)),
      source: { ...source, repo: 'other' },
    });
    await assert.rejects(elsewhere, codeIs('model-ambiguous'));
  });

  it('is the only one of its name and format when nothing else is said', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const first = await models.import(caller, { bytes: dragon('A', many(3)) });
    const again = await models.import(caller, { bytes: dragon('A', [...many(3), { id: 'more' }]) });
    assert.deepEqual([again.model.id, again.fresh.length], [first.model.id, 1]);
  });

  it('is asked about with the candidates when the threats belong to a model of another name', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const first = await models.import(caller, { bytes: dragon('A', many(10)) });
    await assert.rejects(models.import(caller, { bytes: dragon('Copy', many(10)) }), (error: unknown) => {
      assert.ok(error instanceof AppError && error.code === 'model-ambiguous');
      assert.match(
        error.faults[0]?.detail ?? '',
        new RegExp(`${first.model.id} "A".*shares 10 of 10 threats`),
      );
      return true;
    });
    const copy = await models.import(caller, { bytes: dragon('Copy', many(10)), asNew: true });
    assert.notEqual(copy.model.id, first.model.id);
    const again = await models.import(caller, { bytes: dragon('Copy', many(10)) });
    assert.deepEqual([again.model.id, again.changed], [copy.model.id, []]);
  });

  it('is new when it shares less than a third of its threats', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    await models.import(caller, { bytes: dragon('A', many(3)) });
    const other = many(10).map((each, index) =>
      index < 3 ? each : { id: `o${index}`, title: `Other ${index}` },
    );
    assert.equal((await models.import(caller, { bytes: dragon('B', other) })).fresh.length, 10);
  });

  it('is asked about when two models have its name', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    await models.import(caller, { bytes: dragon('A', many(2)) });
    await models.import(caller, { bytes: dragon('A', many(2)), asNew: true });
    await assert.rejects(models.import(caller, { bytes: dragon('A', many(2)) }), codeIs('model-ambiguous'));
  });
});
