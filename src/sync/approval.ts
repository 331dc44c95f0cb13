import type { Plan, PlanItem } from '../domain/plan.ts';

/** Is this step of the world as it is now one that the plan showed? Only the same step, from and to the same values. */
export function approvedBy(plan: Plan, item: PlanItem | undefined): boolean {
  if (item === undefined) return false;
  const planned = plan.items.find((each) => each.id === item.id);
  return planned !== undefined && planned.action === item.action && sameSteps(planned, item);
}

function sameSteps(planned: PlanItem, now: PlanItem): boolean {
  return stable(planned.steps) === stable(now.steps);
}

/** JSON with sorted keys: a plan that was stored has lost the order of its keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
