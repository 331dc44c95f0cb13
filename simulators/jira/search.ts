import { badInput } from './answers.ts';
import { isVisible } from './issue-shape.ts';
import type { Query } from './jql.ts';
import { parseJql } from './jql.ts';
import type { Asker } from './jql-match.ts';
import { checkQuery, compared, matches } from './jql-match.ts';
import type { Fields } from './request.ts';
import { isFields } from './request.ts';
import type { Issue, State } from './state.ts';

/**
 * The issues that fit, in order, as the index sees them: changes show after its lag, except for the issues in `reconcile`, which are
 * looked at as they are.
 */
export function search(
  asker: Asker,
  jql: string,
  options: { bounded: boolean; reconcile?: readonly string[] },
): { query: Query; found: Issue[] } {
  const query = parseJql(jql);
  checkQuery(query, asker, options.bounded);
  const found = [...asker.state.issues.values()]
    .map((issue) =>
      options.reconcile?.includes(issue.id) === true ? issue : seenByIndex(asker.state, issue),
    )
    .filter((issue) => issue !== undefined)
    .filter((issue) => isVisible(issue, asker.user) && matches(issue, query.where, asker))
    .toSorted(compared(query));
  return { query, found };
}

/** The newest state that the index has; older ones are forgotten on the way. */
function seenByIndex(state: State, issue: Issue): Issue | undefined {
  const now = state.now().getTime();
  const history = state.index.get(issue.id) ?? [];
  const at = history.findLastIndex(({ visibleAtMs }) => visibleAtMs <= now);
  if (at < 0) return undefined;
  if (at > 0) state.index.set(issue.id, history.slice(at));
  return history[at]?.issue;
}

/** A place in a list: behind the issue that was shown last. It is good for the same query only. */
export function tokenAfter(jql: string, last: Issue): string {
  const place = { jql, id: last.id, updated: last.updated.getTime(), created: last.created.getTime() };
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** What follows the place; the issue shown last may have moved in the list or be gone meanwhile. */
export function after(query: Query, jql: string, token: string, found: readonly Issue[]): Issue[] {
  const place = placeOf(token);
  if (place === undefined || place['jql'] !== jql)
    throw badInput('The provided next page token is invalid or expired.');
  const id = String(place['id']);
  const updated = new Date(Number(place['updated']));
  const created = new Date(Number(place['created']));
  const known = found.find((each) => each.id === id);
  const order = compared(query);
  return found.filter((issue) => order({ ...(known ?? issue), id, updated, created }, issue) < 0);
}

function placeOf(token: string): Fields | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return isFields(place) ? place : undefined;
  } catch {
    return undefined;
  }
}
