import type { LinkState } from '../../../src/domain/link.ts';
import type { LinkCounts } from '../../../src/ports/repositories.ts';
import { compareText, sorted } from './order.ts';
import type { Row } from './rows.ts';

/** One integration's links, counted; detached ones count only as a state, parents not at all. */
export function countLinks(
  rows: readonly Row<'links'>[],
): Pick<LinkCounts, 'states' | 'needsAnswer' | 'failing'> {
  const states: Partial<Record<LinkState, number>> = {};
  const counted = rows.filter((row) => row.role !== 'parent');
  for (const { state } of counted) states[state] = (states[state] ?? 0) + 1;
  const living = counted.filter((row) => row.state !== 'detached');
  return {
    states,
    needsAnswer: living.filter((row) => row.needs_answer).length,
    failing: living.filter((row) => row.failures > 0).length,
  };
}

/** Last errors of failing links by code, the most frequent first, with the last of their messages by the alphabet. */
export function groupProblems(
  rows: readonly Row<'links'>[],
): readonly { code: string; message: string; count: number }[] {
  const groups = new Map<string, { code: string; message: string; count: number }>();
  for (const row of rows) {
    const { lastError } = row.failures > 0 && row.state !== 'detached' ? row.doc.read() : {};
    if (lastError === undefined) continue;
    const { code, message } = lastError;
    const group = groups.get(code) ?? { code, message, count: 0 };
    group.count += 1;
    if (compareText(message, group.message) > 0) group.message = message;
    groups.set(code, group);
  }
  return sorted([...groups.values()], (group) => [-group.count, group.code]);
}
