import assert from 'node:assert/strict';
import { POLICIES } from '../../src/domain/integration.ts';
import type { Step } from '../../src/domain/plan.ts';
import { effectiveBase } from '../../src/domain/effective-base.ts';
import { reconcile } from '../../src/domain/reconcile.ts';
import { isOpen } from '../../src/domain/threat.ts';
import { keysOf } from '../../src/domain/values.ts';
import { fc } from '../properties.ts';
import { isTheirs, moves, type Move } from './moves.ts';
import {
  baseOf,
  changeFor,
  linked,
  linkedByHand,
  opOf,
  recorded,
  sidesOf,
  stepsOf,
  synced,
  type World,
} from './world.ts';

/** One run: the world before it, what it decided, and the world after it. Throws where the law is broken. */
type Law = (before: World, steps: readonly Step[], after: World) => void;

const policy = fc.constantFrom(...POLICIES);

/** A life of a link: how it began, and things that happen on either side, with runs between them. */
interface Life {
  policies: World['mapping']['policies'];
  byHand: boolean;
  events: readonly Move[];
}
export const lives: fc.Arbitrary<Life> = fc.record({
  policies: fc.record({ status: policy, title: policy, block: policy }),
  // One in eight was linked by a person: it has no past.
  byHand: fc.nat(7).map((drawn) => drawn === 0),
  events: fc.array(fc.oneof(moves, fc.constant<Move>('run')), { maxLength: 25 }),
});

/** What holds of every run, whatever happened before it. */
const LAWS: Readonly<Record<string, Law>> = {
  'a plan that was applied reconciles to nothing but the conflicts that wait for a person': (
    _before,
    _steps,
    after,
  ) => {
    const rest = stepsOf(after);
    for (const step of rest) assert.equal(step.kind, 'conflict');
    assert.deepEqual(synced(after), after, 'and is the same for ever');
  },

  'a run answers the same to the same question, and touches nothing that it is given': (before, steps) => {
    const sides = sidesOf(before);
    const asked = structuredClone(sides);
    assert.deepEqual(reconcile(sides), steps);
    assert.deepEqual(sides, asked);
  },

  'a field is written only if the threat, the mapping or a person moved it': (before, steps) => {
    const sides = sidesOf(before);
    const base = effectiveBase(before.link.base, sides.issue, before.ops);
    for (const step of steps) {
      if (step.kind !== 'push') continue;
      const state = before.link.fields[step.field];
      const choice = state?.kind === 'conflict' && state.choice?.keep === 'threat';
      const threatMoved = (sides.threat[step.field] ?? null) !== (base?.threat[step.field] ?? null);
      assert.ok(threatMoved || choice || base?.mappingVersion !== before.mapping.version, step.field);
    }
  },

  'a write overwrites only what we knew, unless a policy or a person gave it up': (before, steps) => {
    const base = effectiveBase(before.link.base, sidesOf(before).issue, before.ops);
    for (const step of steps) {
      if (step.kind !== 'push' || step.from === (base?.issue[step.field] ?? null)) continue;
      const state = before.link.fields[step.field];
      const chosen = state?.kind === 'conflict' && state.choice?.keep === 'threat';
      const { policies: by } = before.mapping;
      const given = new Map<string, string>(Object.entries(by)).get(step.field);
      assert.ok(chosen || given === 'threat', `${step.field} from ${step.from}`);
    }
  },

  'a field that people own is never written again': (before, steps, after) => {
    for (const field of keysOf(sidesOf(before).issue)) {
      if (before.link.fields[field]?.kind !== 'released') continue;
      assert.equal(after.link.fields[field]?.kind, 'released', field);
      assert.ok(!steps.some((step) => step.field === field && step.kind === 'push'));
    }
  },

  'a field that could not be read gets no step, and its past stays': (before, steps, after) => {
    if (before.issue.block.kind !== 'damaged') return;
    assert.ok(!steps.some((step) => step.field === 'block'));
    assert.deepEqual(baseOf(after, 'block'), baseOf(before, 'block'));
  },

  'a conflict, a question and an edited block move nothing': (before, steps, after) => {
    for (const step of steps) {
      if (step.kind !== 'conflict' && step.kind !== 'question' && step.kind !== 'leave') continue;
      if (step.kind === 'question' && step.chosenOver !== undefined) continue;
      if (before.ops.length > 0) continue;
      assert.deepEqual(baseOf(after, step.field), baseOf(before, step.field));
    }
  },

  'closing without a reason never changes the threat': (before, _steps, after) => {
    if (sidesOf(before).issue.status !== 'dropped') return;
    assert.equal(after.threat.status, before.threat.status);
  },

  'a threat leaves its open states only by a word of the issue that says so': (before, _steps, after) => {
    if (isOpen(before.threat.status) && !isOpen(after.threat.status))
      assert.equal(after.threat.status, sidesOf(before).issue.status);
  },

  'labels and words of people are never part of a change': (before, steps, after) => {
    const { addLabels = [], removeLabels = [] } = changeFor(before, steps);
    assert.deepEqual([...addLabels, ...removeLabels].filter(isTheirs), []);
    assert.deepEqual(after.issue.labels.filter(isTheirs), before.issue.labels.filter(isTheirs));
  },

  'a block whose markers people deleted is never inserted again': (before, steps) => {
    if (before.issue.block.kind === 'absent') assert.equal(changeFor(before, steps).block, undefined);
  },

  'a run without steps records nothing': (before, steps, after) => {
    if (steps.length === 0) assert.deepEqual(after, before);
  },

  'a write that was lost on its way, or arrived late, ends like one that was answered': (
    before,
    steps,
    after,
  ) => {
    if (before.ops.length > 0) return;
    const pushed = steps.filter((step) => step.kind === 'push');
    if (pushed.length === 0) return;
    for (const issue of [after.issue, before.issue]) {
      const seen = synced({ ...before, ops: [opOf(before)], issue });
      assert.deepEqual(seen.issue, after.issue);
      assert.equal(seen.threat.status, after.threat.status);
      for (const { field } of pushed)
        assert.deepEqual(baseOf(seen, field), baseOf({ link: recorded(before, steps) }, field), field);
    }
  },

  'a write or a pull over what the other side changed says what decided': (before, steps) => {
    const sides = sidesOf(before);
    const base = effectiveBase(before.link.base, sides.issue, before.ops);
    for (const step of steps) {
      if (step.kind !== 'push' && step.kind !== 'pull') continue;
      const { field } = step;
      const state = before.link.fields[field];
      const isChosen = state?.kind === 'conflict' && state.choice !== undefined;
      const threatMoved = (sides.threat[field] ?? null) !== (base?.threat[field] ?? null);
      const issueMoved = (sides.issue[field] ?? null) !== (base?.issue[field] ?? null);
      if (base !== undefined && threatMoved && issueMoved && !isChosen)
        assert.notEqual(step.wonBy, undefined, field);
    }
  },

  'a push moves the baselines of its field to what was rendered and what was sent': (
    _before,
    steps,
    after,
  ) => {
    for (const step of steps)
      if (step.kind === 'push')
        assert.deepEqual(baseOf(after, step.field), { threat: step.threat, issue: step.to });
  },

  'a field without a step keeps its past': (before, steps, after) => {
    if (before.ops.length > 0) return;
    for (const field of keysOf(sidesOf(before).put))
      if (!steps.some((step) => step.field === field))
        assert.deepEqual(baseOf(after, field), baseOf(before, field), field);
  },

  'nothing is decided about a link without a past but to agree, to ask and to let people have it': (
    before,
    steps,
  ) => {
    if (before.link.base !== undefined) return;
    for (const step of steps) {
      const state = before.link.fields[step.field];
      if (state?.kind === 'conflict' && state.choice !== undefined) continue;
      const isMissing = step.kind !== 'agree' && step.kind !== 'conflict';
      if (isMissing)
        assert.ok(
          !['status', 'title', 'block', 'severity'].includes(step.field),
          `${step.kind} ${step.field}`,
        );
    }
  },
};

/** Live it, and look at every run: against every law, which throws with the name of a broken one. Answers how many there were. */
export function live({ policies, byHand, events }: Life, look: Law = judge): number {
  const born = linked(undefined, policies);
  let world = byHand ? linkedByHand(born.threat, born.issue, policies) : born;
  let runs = 0;
  for (const event of [...events, 'run' as const]) {
    if (event !== 'run') {
      world = event(world);
      continue;
    }
    const after = synced(world);
    look(world, stepsOf(world), after);
    world = after;
    runs += 1;
  }
  return runs;
}

const judge: Law = (...run) => {
  for (const [name, law] of Object.entries(LAWS))
    try {
      law(...run);
    } catch (cause) {
      throw new Error(`Broken: ${name}.`, { cause });
    }
};
