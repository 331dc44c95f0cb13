import type { LinkState } from '../../../src/domain/link.ts';
import type { LinkCounts } from '../../../src/ports/repositories.ts';
import { sorted } from './order.ts';
import type { Row } from './rows.ts';

/** One integration's links, counted; detached ones count only as a state, parents not at all. */
export function countLinks(
  rows: readonly Row<'links'>[],
): Pick<LinkCounts, 'states' | 'needsAnswer' | 'held' | 'failing'> {
  const states: Partial<Record<LinkState, number>> = {};
  const counted = rows.filter((row) => row.role !== 'parent');
  for (const { state } of counted) states[state] = (states[state] ?? 0) + 1;
  const living = counted.filter((row) => row.state !== 'detached');
  return {
    states,
    needsAnswer: living.filter((row) => row.needs_answer).length,
    held: living.filter((row) => row.held).length,
    failing: living.filter((row) => row.failures > 0).length,
  };
}

/** Last errors of failing links by code, the most frequent first, with the message of the link that was made last. */
export function groupProblems(
  rows: readonly Row<'links'>[],
): readonly { code: string; message: string; count: number }[] {
  const groups = new Map<string, { code: string; message: string; count: number }>();
  for (const row of sorted(rows, (each) => [each.created_at, each.id])) {
    const { lastError } = row.failures > 0 && row.state !== 'detached' ? row.doc.read() : {};
    if (lastError === undefined) continue;
    const { code, message } = lastError;
    groups.set(code, { code, message, count: (groups.get(code)?.count ?? 0) + 1 });
  }
  return sorted([...groups.values()], (group) => [-group.count, group.code]);
}
