import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { brakesFor, isBraked, turnsStatus } from '../../src/domain/brakes.ts';
import type { PlanItem, Step } from '../../src/domain/plan.ts';

const PUSH: Step = { kind: 'push', field: 'status', threat: 'mitigated', from: 'open', to: 'mitigated' };
const PULL: Step = { kind: 'pull', field: 'status', from: 'identified', to: 'mitigated', issue: 'mitigated' };
const TITLE: Step = { kind: 'push', field: 'title', threat: 'T', from: 'S', to: 'T' };

const item = (action: PlanItem['action'], ...steps: Step[]): PlanItem => ({
  id: crypto.randomUUID(),
  action,
  threatId: 't',
  title: 'T',
  steps,
});
const many = (count: number, of: () => PlanItem) => Array.from({ length: count }, of);
const creates = (count: number) => many(count, () => item('create'));
const detaches = (count: number) => many(count, () => item('detach'));
const turns = (count: number, step: Step = PUSH) => many(count, () => item('update', step));

const codes = (items: readonly PlanItem[], recent: Partial<Parameters<typeof brakesFor>[1]> = {}, max = 50) =>
  brakesFor(items, { created: 0, closed: 0, links: 1000, ...recent }, max).map((brake) => brake.code);

describe('the brake on creates', () => {
  it('holds above the limit, not at it', () => {
    assert.deepEqual(codes(creates(50)), []);
    assert.deepEqual(codes(creates(51)), ['creates']);
    assert.deepEqual(codes(creates(3), {}, 2), ['creates']);
  });

  it('counts what was created in the last hour: fifty runs of one are fifty', () => {
    assert.deepEqual(codes(creates(1), { created: 49 }), []);
    assert.deepEqual(codes(creates(1), { created: 50 }), ['creates']);
    assert.deepEqual(codes([], { created: 500 }), [], 'nothing to create, nothing to hold');
  });

  it('says how to go on', () => {
    const [brake] = brakesFor(creates(60), { created: 7, closed: 0, links: 0 }, 50);
    assert.match(
      brake?.message ?? '',
      /60 new issues \(7 in the last hour\).*limits\.creates = 50.*"creates":60/,
    );
  });
});

describe('the brake on closing and reopening', () => {
  it('holds above twenty, however many links there are', () => {
    assert.deepEqual(codes(turns(20), { links: 100_000 }), []);
    assert.deepEqual(codes(turns(21), { links: 100_000 }), ['closes']);
  });

  it('holds above a tenth of the links', () => {
    assert.deepEqual(codes(turns(10), { links: 100 }), []);
    assert.deepEqual(codes(turns(11), { links: 100 }), ['closes']);
  });

  it('never holds fewer than five', () => {
    for (const links of [0, 1, 10, 40]) {
      assert.deepEqual(codes(turns(4), { links }), [], `4 of ${links}`);
      assert.deepEqual(codes(turns(5), { links }), ['closes'], `5 of ${links}`);
    }
    assert.deepEqual(codes(turns(5), { links: 50 }), [], 'five of fifty are a tenth, not more');
  });

  it('is the rule of the sliding hour for every number of links', () => {
    const counts = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(400));
    fc.assert(
      fc.property(counts, ([now, closed, links]) => {
        const all = now + closed;
        const held = now > 0 && (all > 20 || (all > links / 10 && all >= 5));
        assert.deepEqual(codes(turns(now), { closed, links }), held ? ['closes'] : []);
      }),
    );
  });

  it('counts statuses written to the issue and to the threat, and nothing else', () => {
    assert.ok(turnsStatus(item('update', PUSH)) && turnsStatus(item('update', TITLE, PULL)));
    const question: Step = { kind: 'question', field: 'status', issue: 'dropped' };
    assert.ok(!turnsStatus(item('update', TITLE, question)));
    assert.deepEqual(codes(turns(500, TITLE)), []);
    assert.deepEqual(codes(turns(21, PULL)), ['closes']);
  });

  it('counts links that are let go, together with statuses', () => {
    assert.deepEqual(codes(detaches(20)), []);
    assert.deepEqual(codes(detaches(21)), ['closes']);
    assert.deepEqual(codes([...detaches(11), ...turns(10)]), ['closes']);
    const [brake] = brakesFor([...detaches(11), ...turns(10)], { created: 0, closed: 3, links: 1000 }, 50);
    assert.match(brake?.message ?? '', /^10 statuses would change, and 11 links .* \(3 in the last hour\)/);
    assert.match(
      brakesFor(detaches(30), { created: 0, closed: 0, links: 9 }, 50)[0]?.message ?? '',
      /^30 links/,
    );
  });

  it('needs a yes for these, and for nothing else', () => {
    assert.deepEqual(
      [item('detach'), item('update', PUSH), item('update', TITLE), item('create')].map(isBraked),
      [true, true, false, false],
    );
  });

  it('holds beside the brake on creates', () => {
    assert.deepEqual(codes([...creates(51), ...turns(21)]), ['creates', 'closes']);
  });
});
