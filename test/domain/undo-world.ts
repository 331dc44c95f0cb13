import assert from 'node:assert/strict';
import { advance } from '../../src/domain/advance.ts';
import { changeOf } from '../../src/domain/issue-change.ts';
import type { FieldKey } from '../../src/domain/link.ts';
import type { Step } from '../../src/domain/plan.ts';
import { changesOfSteps } from '../../src/domain/run-change.ts';
import type { RunChange } from '../../src/domain/run-change.ts';
import { undo, type UndoDecision } from '../../src/domain/undo.ts';
import { AT, sidesOf, stepsOf, synced, threatStatus, written, type World } from './world.ts';

export const RUN = 'run';
export const UNDO = 'undo-run';

/** What the run that works these steps in this world keeps. */
export function kept(world: World, steps: readonly Step[], runId: string): RunChange[] {
  const { threat, issue: shown } = sidesOf(world);
  return changesOfSteps(steps, { runId, link: world.link, threat, shown, opId: `op-${runId}`, at: AT });
}

/** What undoing these changes comes to in this world. */
export function undone(world: World, changes: readonly RunChange[], runId = RUN): UndoDecision {
  const { threat, issue, put, ops } = sidesOf(world);
  return undo(runId, changes, { link: world.link, threat, issue, put, ops });
}

/** The world after these steps of an undo were carried out. */
export function carriedOut(world: World, steps: readonly Step[]): World {
  const pull = steps.find((step) => step.kind === 'pull');
  const pushes = steps.filter((step) => step.kind === 'push');
  return {
    ...world,
    issue: written(world.issue, changeOf(pushes, world.issue, world.mapping, 'mark')),
    threat: pull === undefined ? world.threat : { ...world.threat, status: threatStatus(pull.to) },
    link: advance(world.link, steps, {
      at: AT,
      mappingVersion: world.link.base?.mappingVersion ?? world.mapping.version,
      conflictIds: new Map(),
    }),
  };
}

/** A run over this world, and its undo. */
export function runAndUndo(before: World) {
  const steps = stepsOf(before);
  const after = synced(before);
  const changes = kept(before, steps, RUN);
  const decision = undone(after, changes);
  return { steps, after, changes, decision, back: carriedOut(after, decision.steps) };
}

/** What both sides show of one field. */
export function values(world: World, field: FieldKey) {
  const sides = sidesOf(world);
  return { threat: sides.threat[field] ?? null, issue: sides.issue[field] ?? null };
}

/** The one step of a decision that leaves nothing. */
export function onlyStep(decision: UndoDecision): Step {
  assert.deepEqual(decision.left, []);
  assert.equal(decision.steps.length, 1);
  return decision.steps[0] ?? assert.fail('there is no step');
}
