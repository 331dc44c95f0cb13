import type { Issue, IssueRef } from '../../domain/issue.ts';
import { findCommentMark } from '../shared/managed-block.ts';
import { issueOf } from './convert.ts';
import { accountOf, fetchPages, issuePath } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabIssues, GitlabNotes } from './wire.ts';

/**
 * Our issues created since then, by mark. A listing by author: the search index lags and does not cover hidden comments,
 * and labels are dropped silently where the account's role is too low.
 */
export async function findMarked(
  place: GitlabPlace,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const { id } = await accountOf(place, signal);
  const query = {
    scope: 'all',
    state: 'all',
    author_id: id,
    created_after: new Date(since).toISOString(),
    order_by: 'created_at',
    sort: 'asc',
    per_page: 100,
  };
  const request = { path: `${place.path}/issues`, query };
  const found = new Map<string, Map<string, Issue>>();
  for await (const page of fetchPages(place, request, GitlabIssues, 'list our issues', signal)) {
    for (const wire of page) {
      const issue = issueOf(wire, place.format);
      if (issue.block.kind !== 'present' || wire.author?.id !== id) continue;
      const same = found.get(issue.block.mark) ?? new Map<string, Issue>();
      found.set(issue.block.mark, same.set(issue.ref.id, issue));
    }
  }
  return new Map([...found].map(([mark, issues]) => [mark, [...issues.values()]]));
}

/** Ids of our own comments on an issue since then, by mark: what other people quote is not ours. Newest first, so that old ones cost nothing. */
export async function findComments(
  place: GitlabPlace,
  ref: IssueRef,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { id } = await accountOf(place, signal);
  const query = { activity_filter: 'only_comments', order_by: 'created_at', sort: 'desc', per_page: 100 };
  const request = { path: `${issuePath(place, ref.key)}/notes`, query };
  const found = new Map<string, string>();
  for await (const page of fetchPages(place, request, GitlabNotes, 'list comments', signal)) {
    for (const note of page) {
      if (Date.parse(note.created_at) < Date.parse(since)) return found;
      const mark = findCommentMark(note.body ?? '');
      if (mark !== undefined && note.author?.id === id) found.set(mark, String(note.id));
    }
  }
  return found;
}
