import type { Issue, IssueRef } from '../../domain/issue.ts';
import { dataOf } from './answers.ts';
import { issueOf } from './convert.ts';
import { commentMarkOf } from './html-section.ts';
import { TOGETHER } from './limits.ts';
import { accountOf, ask, fetchData } from './project.ts';
import type { AzurePlace } from './project.ts';
import { commentsPath, readItems } from './read.ts';
import { AzureComments, AzureFound } from './wire.ts';

/** Ids of our account's work items created since then, in pages. A query with more than 20,000 results fails. */
async function* ourIds(
  place: AzurePlace,
  since: string,
  signal: AbortSignal,
): AsyncGenerator<readonly number[]> {
  const at = new Date(since).toISOString();
  let last = 0;
  for (;;) {
    const query = `SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.CreatedBy] = @me AND [System.CreatedDate] >= '${at}' AND [System.Id] > ${String(last)} ORDER BY [System.Id]`;
    const request = {
      method: 'POST',
      path: `${place.path}/_apis/wit/wiql`,
      query: { timePrecision: true, $top: TOGETHER },
      json: { query },
      reads: true,
    } as const;
    const answer = await ask(place, request, signal);
    const found = dataOf(answer, AzureFound, 'list our work items', place.clock.now());
    const ids = found.workItems.map(({ id }) => id);
    if (ids.length > 0) yield ids;
    if (ids.length < TOGETHER) return;
    last = Math.max(last, ...ids);
  }
}

/**
 * Our work items created since then, by mark. A query reads the database itself, no search index; a tag may be dropped
 * where the account may make no new ones, so it decides nothing.
 * https://learn.microsoft.com/azure/devops/boards/queries/wiql-syntax
 */
export async function findMarked(
  place: AzurePlace,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const found = new Map<string, Issue[]>();
  for await (const ids of ourIds(place, since, signal)) {
    for (const wire of (await readItems(place, ids, signal)).values()) {
      const issue = await issueOf(place, wire, signal);
      if (issue.block.kind !== 'present') continue;
      found.set(issue.block.mark, [...(found.get(issue.block.mark) ?? []), issue]);
    }
  }
  return found;
}

/** Ids of our own comments since then, by mark: what other people quote is not ours. Newest first, so that old ones cost nothing. */
export async function findComments(
  place: AzurePlace,
  ref: IssueRef,
  since: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const account = await accountOf(place, signal);
  const found = new Map<string, string>();
  let next: string | undefined;
  do {
    const query = { $top: TOGETHER, order: 'desc', continuationToken: next };
    const request = { path: commentsPath(place, ref.id), query, isPreview: true };
    const page = await fetchData(place, request, AzureComments, 'list comments', signal);
    for (const comment of page.comments) {
      if (Date.parse(comment.createdDate) < Date.parse(since)) return found;
      const mark = commentMarkOf(comment.text ?? '');
      if (mark !== undefined && comment.createdBy?.id === account.id) found.set(mark, String(comment.id));
    }
    next = page.continuationToken ?? undefined;
  } while (next !== undefined);
  return found;
}
