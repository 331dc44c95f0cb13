import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { POLICIES } from '../../src/domain/integration.ts';
import { keysOf } from '../../src/domain/values.ts';
import { effectiveBase, reconcile } from '../../src/domain/reconcile.ts';
import type { Step } from '../../src/domain/plan.ts';
import { isOpen } from '../../src/domain/threat.ts';
import { baseOf, changeFor, linked, opOf, recorded, sidesOf, stepsOf, synced, type World } from './world.ts';
import { isTheirs, moves, type Move } from './moves.ts';

const policy = fc.constantFrom(...POLICIES);
const policies = fc.record({ status: policy, title: policy, block: policy });

/** A life of a link: things that happen on either side, with runs between them. */
const life = fc.tuple(policies, fc.array(fc.oneof(moves, fc.constant<Move>('run')), { maxLength: 25 }));

/** Live it, and look at every run: the world before it, its steps, and the world after it. */
function live(
  [given, events]: [World['mapping']['policies'], readonly Move[]],
  look: (before: World, steps: readonly Step[], after: World) => void,
): void {
  let world = linked(undefined, given);
  for (const event of [...events, 'run' as const]) {
    if (event !== 'run') {
      world = event(world);
      continue;
    }
    const after = synced(world);
    look(world, stepsOf(world), after);
    world = after;
  }
}

function law(look: Parameters<typeof live>[1]): void {
  fc.assert(fc.property(life, (each) => live(each, look)));
}

describe('whatever happens on either side', () => {
  it('a plan that was applied reconciles to nothing but the conflicts that wait for a person', () => {
    law((_before, _steps, after) => {
      const rest = stepsOf(after);
      for (const step of rest) assert.equal(step.kind, 'conflict');
      assert.deepEqual(synced(after), after, 'and is the same for ever');
    });
  });

  it('a run answers the same to the same question, and touches nothing that it is given', () => {
    law((before, steps) => {
      const sides = sidesOf(before);
      const asked = structuredClone(sides);
      assert.deepEqual(reconcile(sides), steps);
      assert.deepEqual(sides, asked);
    });
  });

  it('a field is written only if the threat, the mapping or a person moved it', () => {
    law((before, steps) => {
      const sides = sidesOf(before);
      const base = effectiveBase(before.link.base, sides.issue, before.ops);
      for (const step of steps) {
        if (step.kind !== 'push') continue;
        const state = before.link.fields[step.field];
        const choice = state?.kind === 'conflict' && state.choice?.keep === 'threat';
        const threatMoved = (sides.threat[step.field] ?? null) !== (base?.threat[step.field] ?? null);
        assert.ok(threatMoved || choice || base?.mappingVersion !== before.mapping.version, step.field);
      }
    });
  });

  it('a write overwrites only what we knew, unless a policy or a person gave it up', () => {
    law((before, steps) => {
      const base = effectiveBase(before.link.base, sidesOf(before).issue, before.ops);
      for (const step of steps) {
        if (step.kind !== 'push' || step.from === (base?.issue[step.field] ?? null)) continue;
        const state = before.link.fields[step.field];
        const chosen = state?.kind === 'conflict' && state.choice?.keep === 'threat';
        const { policies: by } = before.mapping;
        const given = new Map<string, string>(Object.entries(by)).get(step.field);
        assert.ok(chosen || given === 'threat', `${step.field} from ${step.from}`);
      }
    });
  });

  it('a field that people own is never written again', () => {
    law((before, steps, after) => {
      for (const field of keysOf(sidesOf(before).issue)) {
        if (before.link.fields[field]?.kind !== 'released') continue;
        assert.equal(after.link.fields[field]?.kind, 'released', field);
        assert.ok(!steps.some((step) => step.field === field && step.kind === 'push'));
      }
    });
  });

  it('a field that could not be read gets no step, and its past stays', () => {
    law((before, steps, after) => {
      if (before.issue.block.kind !== 'damaged') return;
      assert.ok(!steps.some((step) => step.field === 'block'));
      assert.deepEqual(baseOf(after, 'block'), baseOf(before, 'block'));
    });
  });

  it('a conflict, a question and an edited block move nothing', () => {
    law((before, steps, after) => {
      for (const step of steps) {
        if (step.kind !== 'conflict' && step.kind !== 'question' && step.kind !== 'leave') continue;
        if (before.ops.length > 0) continue;
        assert.deepEqual(baseOf(after, step.field), baseOf(before, step.field));
      }
    });
  });

  it('closing without a reason never changes the threat', () => {
    law((before, _steps, after) => {
      if (sidesOf(before).issue.status !== 'dropped') return;
      assert.equal(after.threat.status, before.threat.status);
    });
  });

  it('a threat leaves its open states only by a word of the issue that says so', () => {
    law((before, _steps, after) => {
      if (isOpen(before.threat.status) && !isOpen(after.threat.status))
        assert.equal(after.threat.status, sidesOf(before).issue.status);
    });
  });

  it('labels and words of people are never part of a change', () => {
    law((before, steps, after) => {
      const { addLabels = [], removeLabels = [] } = changeFor(before, steps);
      assert.deepEqual([...addLabels, ...removeLabels].filter(isTheirs), []);
      assert.deepEqual(after.issue.labels.filter(isTheirs), before.issue.labels.filter(isTheirs));
    });
  });

  it('a block whose markers people deleted is never inserted again', () => {
    law((before, steps) => {
      if (before.issue.block.kind === 'absent') assert.equal(changeFor(before, steps).block, undefined);
    });
  });

  it('a run without steps records nothing', () => {
    law((before, steps, after) => {
      if (steps.length === 0) assert.deepEqual(after, before);
    });
  });

  it('a write that was lost on its way, or arrived late, ends like one that was answered', () => {
    fc.assert(
      fc.property(life, fc.boolean(), ([given, events], arrives) => {
        live([given, events], (before, steps, after) => {
          if (before.ops.length > 0 || !steps.some((step) => step.kind === 'push')) return;
          const told = { ...before, ops: [opOf(before)] };
          const pushed = steps.filter((step) => step.kind === 'push');
          const shown = arrives ? { ...after.issue } : before.issue;
          const seen = synced({ ...told, issue: shown });
          assert.deepEqual(seen.issue, after.issue);
          assert.equal(seen.threat.status, after.threat.status);
          for (const { field } of pushed)
            assert.deepEqual(baseOf(seen, field), baseOf({ link: recorded(before, steps) }, field), field);
        });
      }),
    );
  });
});
