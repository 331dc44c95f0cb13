import type { Issue, IssueRef } from '../../domain/issue.ts';
import { issueOf, propertyMark } from './convert.ts';
import { accountOf, ensureSignedIn, fetchData, siteOf, userId } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath } from './read.ts';
import { ISSUE_FIELDS, quoted, searchPages } from './search.ts';
import { JiraComments, JiraIssue } from './wire.ts';

const PAGE = 100;

/**
 * Issues that our account created since then and that carry a mark, in their text or in their property. A search: Jira
 * has no other listing, which is why an issue is believed absent only after a long time.
 */
export async function findMarked(
  project: JiraProject,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Issue[]>> {
  await ensureSignedIn(project, signal);
  const site = await siteOf(project, signal);
  const from = String(Date.parse(since));
  const jql = `project = ${quoted(project.key)} AND creator = currentUser() AND created >= ${from} ORDER BY created ASC, id ASC`;
  const found = new Map<string, Map<string, Issue>>();
  const query = { jql, fields: ISSUE_FIELDS };
  for await (const page of searchPages(project, query, JiraIssue, signal)) {
    for (const wire of page) {
      const issue = issueOf(wire, project.markup, site);
      const mark = issue.block.kind === 'present' ? issue.block.mark : propertyMark(wire);
      if (mark === undefined) continue;
      const same = found.get(mark) ?? new Map<string, Issue>();
      found.set(mark, same.set(issue.ref.id, issue));
    }
  }
  return new Map([...found].map(([mark, issues]) => [mark, [...issues.values()]]));
}

/** Ids of our own comments on an issue since then, by mark: what other people quote is not ours. */
export async function findComments(
  project: JiraProject,
  ref: IssueRef,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { id } = await accountOf(project, signal);
  const path = `${issuePath(project, ref.id)}/comment`;
  const found = new Map<string, string>();
  for (let startAt = 0; ; startAt += PAGE) {
    const query = { orderBy: '-created', startAt, maxResults: PAGE };
    const page = await fetchData(project, { path, query }, JiraComments, 'list comments', signal);
    const fresh = page.comments.filter((comment) => comment.created >= since);
    for (const comment of fresh) {
      const mark = project.markup.commentMark(comment.body);
      const ours = comment.author != null && userId(comment.author) === id;
      if (mark !== undefined && ours && !found.has(mark)) found.set(mark, comment.id);
    }
    if (fresh.length < PAGE || startAt + PAGE >= page.total) return found;
  }
}
