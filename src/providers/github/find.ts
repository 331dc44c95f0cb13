import type { Issue, IssueRef } from '../../domain/issue.ts';
import { issueOf } from './convert.ts';
import { findCommentMark } from '../shared/managed-block.ts';
import { accountOf, fetchPages } from './project.ts';
import type { GithubProject } from './project.ts';
import { issuePath } from './read.ts';
import { GithubComments, GithubIssues } from './wire.ts';

/** GitHub's `since` has whole seconds. */
export function wholeSecond(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * Our issues created since then, by mark. A listing by creator: the search index lags and does not cover hidden
 * comments, and labels are dropped silently without push access.
 */
export async function findMarked(
  project: GithubProject,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const { login } = await accountOf(project, signal);
  const from = wholeSecond(since);
  const query = {
    state: 'all',
    creator: login,
    since: from,
    sort: 'created',
    direction: 'asc',
    per_page: 100,
  };
  const request = { path: `${project.path}/issues`, query };
  const found = new Map<string, Map<string, Issue>>();
  for await (const page of fetchPages(project, request, GithubIssues, 'list our issues', signal)) {
    for (const wire of page) {
      if (wire.pull_request !== undefined || Date.parse(wire.created_at) < Date.parse(from)) continue;
      const issue = issueOf(wire, project.format);
      if (issue.block.kind !== 'present') continue;
      const same = found.get(issue.block.mark) ?? new Map<string, Issue>();
      found.set(issue.block.mark, same.set(issue.ref.id, issue));
    }
  }
  return new Map([...found].map(([mark, issues]) => [mark, [...issues.values()]]));
}

/** Ids of our own comments on an issue since then, by mark: what other people quote is not ours. */
export async function findComments(
  project: GithubProject,
  ref: IssueRef,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { id } = await accountOf(project, signal);
  const path = `${issuePath(project, ref.key)}/comments`;
  const request = { path, query: { since: wholeSecond(since), per_page: 100 } };
  const found = new Map<string, string>();
  for await (const page of fetchPages(project, request, GithubComments, 'list comments', signal)) {
    for (const comment of page) {
      const mark = findCommentMark(comment.body ?? '');
      if (mark !== undefined && comment.user?.id === id) found.set(mark, String(comment.id));
    }
  }
  return found;
}
