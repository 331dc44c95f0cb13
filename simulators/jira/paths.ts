import type { Issue } from './state.ts';
import type { Transition } from './workflows.ts';

/** The fewest transitions from where the issue is to the status of that name; throws when there is no way. */
export function shortestPath(issue: Issue, status: string): Transition[] {
  const { transitions, name } = issue.project.workflow;
  let ways: { at: string; hops: Transition[] }[] = [{ at: issue.status.id, hops: [] }];
  if (issue.status.name === status) return [];
  const seen = new Set([issue.status.id]);
  while (ways.length > 0) {
    const next = ways.flatMap(({ at, hops }) =>
      transitions
        .filter(({ from, to }) => (from === 'any' || from.includes(at)) && !seen.has(to.id))
        .map((each) => ({ at: each.to.id, hops: [...hops, each] })),
    );
    const there = next.find(({ hops }) => hops.at(-1)?.to.name === status);
    if (there !== undefined) return there.hops;
    for (const { at } of next) seen.add(at);
    ways = next;
  }
  throw new Error(`the workflow ${name} has no way from ${issue.status.name} to ${status}`);
}
