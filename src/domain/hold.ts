import type { Baseline, FieldKey, FieldState, Op } from './link.ts';
import type { Step } from './plan.ts';
import type { BothSides } from './undoing.ts';

/** Is the field left as it is, because both sides still show what they showed when its change was undone? */
export function isHeld(state: FieldState | undefined, now: BothSides): boolean {
  return state?.kind === 'hold' && state.threat === now.threat && state.issue === now.issue;
}

/**
 * The step that records a write of an undo whose outcome was not known, once the issue shows it; undefined = there is none.
 * Whichever run sees it first: it is nobody's edit, and the field waits as after any undo.
 */
export function arrivedUndo(
  field: FieldKey,
  shown: string | null,
  base: Baseline | undefined,
  ops: readonly Op[],
): Extract<Step, { kind: 'restored' }> | undefined {
  for (const { payload, runId } of ops) {
    const undo = payload.undo?.[field];
    const sent = payload.issue[field];
    if (undo === undefined || sent !== shown || sent === base?.issue[field]) continue;
    return { kind: 'restored', field, threat: payload.threat[field] ?? null, issue: sent, undo, runId };
  }
  return undefined;
}
