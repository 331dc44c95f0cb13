import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_FILTER, DEFAULT_LIMITS, DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Integration } from '../../src/domain/integration.ts';
import type { Plan, PlanItem, Step } from '../../src/domain/plan.ts';
import { approvalOf, approvedBy, changedFields } from '../../src/sync/approval.ts';
import { itemOf, planOf, skippedItem } from '../../src/sync/planning.ts';
import {
  AT,
  linked,
  MODEL,
  sidesOf,
  stepsOf,
  trackerStatus,
  withIssue,
  withThreat,
  type World,
} from './world.ts';

const INTEGRATION: Integration = {
  id: 'integration',
  name: 'Payments',
  provider: 'github',
  config: {},
  mapping: { ...DEFAULT_MAPPING, version: 3 },
  filter: DEFAULT_FILTER,
  limits: DEFAULT_LIMITS,
  autoApply: false,
  allowPublic: false,
  allowOtherInstallation: false,
  enabled: true,
  state: 'new',
  stateSince: AT,
  syncIntervalMinutes: 60,
  webhook: { kind: 'manual', todo: 'Add it.' },
  version: 1,
  createdAt: AT,
  updatedAt: AT,
};

const MODEL_KEPT = {
  ...MODEL,
  id: 'model',
  format: 'threat-dragon-v2' as const,
  importedAt: AT,
  version: 1,
  warnings: [],
};

function pairOf(world: World) {
  const { link, threat } = world;
  return { link, threat, subject: threat, model: MODEL_KEPT, ops: [], readAt: AT };
}

function lineOf(world: World): PlanItem {
  const { threat, issue: shown, put } = sidesOf(world);
  const sides = { pair: pairOf(world), issue: world.issue, threat, shown, put };
  return itemOf({ ...sides, steps: stepsOf(world), stuck: 'no' });
}

function planWith(items: readonly PlanItem[], perMinute?: number): Plan {
  const recent = { created: 0, closed: 0, links: 100 };
  return planOf(INTEGRATION, items, recent, { id: 'plan', at: AT, perMinute });
}

function reversed(_key: string, inner: unknown): unknown {
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).toReversed())
    : inner;
}

/** As the store gives it back: the same data with its keys in another order. */
function stored(plan: Plan): Plan {
  return JSON.parse(JSON.stringify(plan, reversed));
}

const changed = withThreat(linked(), { title: 'Another title' }, 'mitigated');
const create: PlanItem = { id: 'create:t', action: 'create', threatId: 't', title: 'T', steps: [] };

describe('a plan', () => {
  it('has one line for each link, the same one in every plan', () => {
    assert.deepEqual(lineOf(changed), {
      id: `link:${changed.link.id}`,
      action: 'update',
      threatId: changed.threat.id,
      linkId: changed.link.id,
      issueKey: '1',
      title: 'Another title',
      steps: stepsOf(changed),
    });
    assert.equal(lineOf(linked()).action, 'none');
  });

  it('says why a link is left alone, in the words of its state and with what is known about it', () => {
    const gone = {
      ...linked(),
      link: { ...linked().link, state: 'issue-gone', stateReason: 'Deleted by Eve.' } as const,
    };
    const { skip, action, steps } = skippedItem(pairOf(gone));
    assert.deepEqual([action, steps, skip?.code], ['skip', [], 'issue-gone']);
    assert.match(skip?.message ?? '', /deleted in the tracker.*Deleted by Eve\./);
    assert.deepEqual(skippedItem(pairOf(linked()), 'No permission.').skip, {
      code: 'hidden',
      message: 'No permission.',
    });
  });

  it('counts what would be done, and what would only be asked', () => {
    const conflict = withThreat(withIssue(linked(), { status: trackerStatus('done') }), {}, 'accepted');
    const pull = withIssue(linked(), { status: trackerStatus('done') });
    const skip = skippedItem(pairOf(linked()));
    const items = [lineOf(changed), lineOf(conflict), lineOf(pull), lineOf(linked()), skip, create];
    assert.deepEqual(planWith(items).counts, {
      create: 1,
      update: 1,
      pull: 1,
      conflict: 1,
      skip: 1,
      unchanged: 1,
    });
  });

  it('costs a call for each create, and time where the tracker limits creates', () => {
    const creates = Array.from({ length: 40 }, () => create);
    assert.equal(planWith(creates).estimatedCalls, 42);
    assert.ok(planWith(creates, 20).estimatedSeconds >= 120);
    assert.ok(planWith(creates).estimatedSeconds < 30);
  });

  it('carries the mapping it was made under, and the brakes it would trip', () => {
    const plan = planWith(Array.from({ length: 51 }, () => create));
    assert.equal(plan.mappingVersion, 3);
    assert.deepEqual(
      plan.brakes.map((brake) => brake.code),
      ['creates'],
    );
    assert.deepEqual(planWith([create]).brakes, []);
  });
});

describe('the approval of a plan', () => {
  const line = lineOf(changed);
  const plan = approvalOf(stored(planWith([line, create])));

  it('covers the same steps, also after the plan was stored', () => {
    assert.ok(approvedBy(plan, line));
    assert.ok(approvedBy(plan, create));
  });

  it('covers no step that reads otherwise now: other field, value, start or kind', () => {
    const [first] = line.steps;
    assert.ok(first?.kind === 'push');
    const others: Step[] = [
      { ...first, to: 'something else' },
      { ...first, from: 'something else' },
      { ...first, threat: 'something else' },
      { ...first, field: 'block' },
      { kind: 'agree', field: first.field, threat: first.threat, issue: first.to },
    ];
    for (const other of others)
      assert.ok(
        !approvedBy(plan, { ...line, steps: [other, ...line.steps.slice(1)] }),
        JSON.stringify(other),
      );
  });

  it('covers no more and no fewer steps than were shown', () => {
    assert.ok(!approvedBy(plan, { ...line, steps: line.steps.slice(1) }));
    assert.ok(!approvedBy(plan, { ...line, steps: [...line.steps, ...line.steps] }));
  });

  it('covers no issue that would be made with other words now', () => {
    const fields = { ...create.fields, title: 'Other words' };
    assert.ok(!approvedBy(plan, { ...create, fields }));
    assert.deepEqual(changedFields(create, { ...create, fields }), ['title']);
  });

  it('of chosen items covers those alone', () => {
    const some = approvalOf(plan.plan, [line.id]);
    assert.deepEqual([approvedBy(some, line), approvedBy(some, create)], [true, false]);
    assert.deepEqual([...some.left], [create.id]);
    assert.deepEqual([...plan.left], []);
  });

  it('covers no line that it did not show', () => {
    assert.ok(!approvedBy(plan, { ...line, id: 'link:another' }));
    assert.ok(!approvedBy(plan, { ...create, action: 'recreate' }));
  });
});
