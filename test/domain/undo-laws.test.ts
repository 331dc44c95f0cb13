import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { live, lives } from './laws.ts';
import { carriedOut, kept, runAndUndo, undone, UNDO, values } from './undo-world.ts';
import { baseOf, stepsOf, type World } from './world.ts';

/** Of every run in a life, its undo right after it. */
function law(look: (before: World, undoing: ReturnType<typeof runAndUndo>) => void): void {
  fc.assert(
    fc.property(lives, (life) => {
      live(life, (before) => {
        if (before.ops.length === 0) look(before, runAndUndo(before));
      });
    }),
  );
}

describe('whatever happened before a run', () => {
  it('its undo leaves nothing to do about what it brought back', () => {
    law((_before, { decision, back }) => {
      const fields = new Set(decision.steps.map(({ field }) => field));
      for (const step of stepsOf(back)) assert.ok(!fields.has(step.field), `${step.kind} of ${step.field}`);
    });
  });

  it('its undo brings back the values and baselines of every field that it wrote, or says why not', () => {
    law((before, { changes, decision, back }) => {
      const stays = new Set(decision.left.map(({ field }) => field));
      for (const change of changes) {
        if (change.kind !== 'field' || stays.has(change.field)) continue;
        assert.equal(values(back, change.field)[change.side], change.before[change.side], change.field);
        assert.deepEqual(baseOf(back, change.field), baseOf(before, change.field), change.field);
      }
    });
  });

  it('the undo of its undo is the run', () => {
    law((_before, { after, decision, back }) => {
      const forth = carriedOut(back, undone(back, kept(after, decision.steps, UNDO), UNDO).steps);
      for (const { field } of decision.steps) {
        assert.deepEqual(values(forth, field), values(after, field), field);
        assert.deepEqual(baseOf(forth, field), baseOf(after, field), field);
        assert.notEqual(forth.link.fields[field]?.kind, 'hold', field);
      }
    });
  });
});
