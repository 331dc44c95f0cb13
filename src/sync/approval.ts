import type { Plan, PlanItem } from '../domain/plan.ts';

/** What a person said yes to: a plan, or some of its items. */
export interface Approval {
  plan: Plan;
  /** By id: those that were chosen and have something to write. */
  chosen: ReadonlyMap<string, PlanItem>;
  /** Ids of those that were left out. */
  left: ReadonlySet<string>;
}

/** `items`: ids of the chosen ones; absent = all. */
export function approvalOf(plan: Plan, items?: readonly string[]): Approval {
  const writing = plan.items.filter(hasWrites);
  const named = new Set(items ?? writing.map(({ id }) => id));
  const chosen = new Map(writing.filter(({ id }) => named.has(id)).map((item) => [item.id, item]));
  return { plan, chosen, left: new Set(writing.map(({ id }) => id).filter((id) => !chosen.has(id))) };
}

export function hasWrites({ action }: Pick<PlanItem, 'action'>): boolean {
  return action !== 'none' && action !== 'skip';
}

/** Is this step of the world as it is now one that was chosen? Only the same step, from and to the same values. */
export function approvedBy({ chosen }: Approval, item: PlanItem): boolean {
  const planned = chosen.get(item.id);
  return planned !== undefined && planned.action === item.action && changedFields(planned, item).length === 0;
}

/** Which fields would now be written otherwise than the plan says. */
export function changedFields(planned: PlanItem, now: PlanItem): readonly string[] {
  const keys = new Set([...keysOf(planned), ...keysOf(now)]);
  return [...keys].filter((key) => wanted(planned, key) !== wanted(now, key));
}

function keysOf({ fields, steps }: PlanItem): string[] {
  return [...steps.map(({ field }) => field), ...Object.keys(fields ?? {})];
}

function wanted({ fields, steps }: PlanItem, key: string): string {
  const value = Object.entries(fields ?? {}).find(([field]) => field === key)?.[1];
  return stable([steps.filter(({ field }) => field === key), value ?? null]);
}

/** JSON with sorted keys: a plan that was stored has lost the order of its keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
