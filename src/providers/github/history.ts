import type { LookBack, PastChange } from '../../domain/issue.ts';
import { statusOf } from './convert.ts';
import { fetchHistories } from './graphql.ts';
import { HISTORIES_TOGETHER } from './limits.ts';
import { fetchPages } from './project.ts';
import type { GithubProject } from './project.ts';
import { issuePath } from './read.ts';
import { GithubEvents, GraphqlHistory } from './wire.ts';
import type { GraphqlActor } from './wire.ts';

const PAGE = 100;

/**
 * Closes, reopenings, new titles and texts since issues were seen so, by issue, oldest first: of many in one query, where the
 * server has GraphQL; else one by one, and then the texts are not told. GitHub's times have no parts of a second, so that what was
 * done in the same second before is told, too.
 */
export async function historyOf(
  project: GithubProject,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const told = new Map<string, readonly PastChange[]>();
  for (let start = 0; start < looks.length; start += HISTORIES_TOGETHER) {
    const chunk = looks.slice(start, start + HISTORIES_TOGETHER);
    const nodes = await fetchHistories(
      project,
      {
        ids: chunk.map(({ ref }) => ref.id),
        since: new Date(Math.min(...chunk.map(seenAt))).toISOString(),
        texts: chunk.some(({ fields }) => fields.has('text')),
      },
      signal,
    );
    for (const [index, look] of chunk.entries()) {
      const changes =
        nodes === undefined ? await eventsOf(project, look, signal) : changesOf(nodes[index]?.node);
      told.set(
        look.ref.id,
        changes.filter(({ at }) => Date.parse(at) >= seenAt(look)),
      );
    }
  }
  return told;
}

function seenAt({ seen }: LookBack): number {
  return Math.floor(Date.parse(seen.updatedAt) / 1000) * 1000;
}

function changesOf(node: unknown): readonly PastChange[] {
  const parsed = GraphqlHistory.safeParse(node);
  if (!parsed.success) return [];
  const { timelineItems, userContentEdits } = parsed.data;
  const happened = timelineItems.nodes.map(({ __typename: kind, ...item }): PastChange => {
    const head = { at: item.createdAt, ...whoOf(item.actor) };
    if (kind === 'RenamedTitleEvent') return { ...head, field: 'title', to: item.currentTitle ?? '' };
    const state = kind === 'ClosedEvent' ? 'closed' : 'open';
    return { ...head, field: 'status', to: statusOf(state, item.stateReason?.toLowerCase()) };
  });
  // The newest edit comes first.
  const texts = (userContentEdits?.nodes ?? []).toReversed().map((edit): PastChange => ({
    at: edit.editedAt,
    ...whoOf(edit.editor),
    field: 'text',
    ...(edit.diff == null ? {} : { to: edit.diff }),
  }));
  return [...happened, ...texts];
}

function whoOf(actor: GraphqlActor | null | undefined): { by: string; name?: string } {
  if (actor == null) return { by: '' };
  return { by: actor.databaseId == null ? '' : String(actor.databaseId), name: actor.login };
}

/** https://docs.github.com/en/rest/issues/events#list-issue-events */
async function eventsOf(
  project: GithubProject,
  { ref }: LookBack,
  signal: AbortSignal,
): Promise<readonly PastChange[]> {
  const request = { path: `${issuePath(project, ref.key)}/events`, query: { per_page: PAGE } };
  const changes: PastChange[] = [];
  for await (const events of fetchPages(project, request, GithubEvents, 'read the history', signal))
    for (const { event, created_at, state_reason, actor, rename } of events) {
      const who = actor == null ? { by: '' } : { by: String(actor.id), name: actor.login };
      const head = { at: created_at, ...who };
      if (event === 'closed' || event === 'reopened') {
        const to = statusOf(event === 'closed' ? 'closed' : 'open', state_reason);
        changes.push({ ...head, field: 'status', to });
      }
      if (event === 'renamed' && rename != null) changes.push({ ...head, field: 'title', to: rename.to });
    }
  return changes;
}
