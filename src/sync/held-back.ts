import type { PlanItem } from '../domain/plan.ts';

/** What a pass held back because a person must say yes first. */
export interface HeldBack {
  items: readonly PlanItem[];
  reasons: readonly string[];
}

export function together(...parts: readonly HeldBack[]): HeldBack {
  return {
    items: parts.flatMap(({ items }) => items),
    reasons: [...new Set(parts.flatMap(({ reasons }) => reasons))],
  };
}
