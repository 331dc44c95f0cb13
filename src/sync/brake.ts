import { brakesFor, isBraked } from '../domain/brakes.ts';
import type { PlanItem } from '../domain/plan.ts';
import { type Approval, approvedBy } from './approval.ts';
import type { Decided } from './gather.ts';
import type { HeldBack } from './held-back.ts';
import { itemOf, recentWork } from './planning.ts';
import { sinceThen } from './since-then.ts';
import { later, mayWrite, type Work } from './work.ts';

/** Something that a run is about to do, with its line in a plan. */
interface Wanted<T> {
  of: T;
  item: PlanItem;
  /** A person has said what to do: no brake asks again. */
  isChosen: boolean;
}

/** Hold back what a person must see first of what was decided; everything else goes on. */
export function brake(
  work: Work,
  decided: readonly Decided[],
  approval: Approval | undefined,
): Promise<Braked<Decided>> {
  return brakeItems(
    work,
    decided.map((of) => ({ of, item: itemOf(of), isChosen: isChosen(of) })),
    approval,
  );
}

interface Braked<T> {
  go: readonly T[];
  held: HeldBack;
}

/** Hold back what a person must see first; everything else goes on. */
export async function brakeItems<T>(
  work: Work,
  wanted: readonly Wanted<T>[],
  approval: Approval | undefined,
): Promise<Braked<T>> {
  const writing = wanted.filter(({ item }) => item.action !== 'none');
  if (writing.length === 0) return { go: wanted.map(({ of }) => of), held: { items: [], reasons: [] } };
  if (approval !== undefined) {
    const held = writing.map(({ item }) => item).filter((item) => !approvedBy(approval, item));
    const changed = held.filter(({ id }) => !approval.left.has(id));
    return without(wanted, held, changed.length === 0 ? [] : [sinceThen(approval.plan)]);
  }
  const { integration, tenantId } = work.session;
  const since = later(work, -work.parts.timings.brakeWindowMs);
  const recent = await work.parts.store
    .tenant(tenantId)
    .transact((tx) => recentWork(tx, integration.id, since));
  const unasked = writing.filter((each) => !each.isChosen).map(({ item }) => item);
  const brakes = brakesFor(unasked, recent, integration.limits.creates);
  const reasons = brakes.map((each) => each.message);
  if (!mayWrite(work))
    return without(
      wanted,
      writing.map(({ item }) => item),
      reasons,
    );
  return without(wanted, brakes.length === 0 ? [] : unasked.filter(isBraked), reasons);
}

function without<T>(
  wanted: readonly Wanted<T>[],
  items: readonly PlanItem[],
  reasons: readonly string[],
): Braked<T> {
  const stopped = new Set(items);
  return {
    go: wanted.filter(({ item }) => !stopped.has(item)).map(({ of }) => of),
    held: { items, reasons },
  };
}

/** A person has said what to do about the status: no brake asks again. */
function isChosen({ pair }: Decided): boolean {
  const state = pair.link.fields.status;
  return state?.kind === 'conflict' && state.choice !== undefined;
}
