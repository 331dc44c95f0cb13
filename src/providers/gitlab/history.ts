import { z } from 'zod';
import type { LookBack, PastChange } from '../../domain/issue.ts';
import { GlobalId } from './comments.ts';
import { CLOSED, OPEN } from './convert.ts';
import { queryGraphql } from './graphql.ts';
import { HISTORIES_TOGETHER } from './limits.ts';
import { fetchData, fetchPages, issuePath } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabNotes, GitlabStateEvents } from './wire.ts';

const PAGE = 100;
const NEWEST = 50;

/** GitLab's own notes about issues, by the number in their project. */
const ACTIVITY = `query($path: ID!, $iids: [String!]!) {
  project(fullPath: $path) {
    issues(iids: $iids, first: ${String(HISTORIES_TOGETHER)}) {
      nodes {
        iid
        notes(last: ${String(NEWEST)}, filter: ONLY_ACTIVITY) {
          nodes { body createdAt author { id username } }
        }
      }
    }
  }
}`;

const Nodes = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node) });
const Note = z.object({
  body: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  author: z.object({ id: GlobalId, username: z.string() }).nullish(),
});
const Active = z.object({
  project: z.object({ issues: Nodes(z.object({ iid: z.string(), notes: Nodes(Note) })) }).nullable(),
});

/**
 * Changes since issues were seen so, by issue, oldest first. Statuses are asked for one by one; titles and texts come from
 * GitLab's own notes, of many issues in one query where GraphQL is there, without parts of a second. What a text was they do
 * not tell. https://docs.gitlab.com/api/resource_state_events/
 */
export async function historyOf(
  place: GitlabPlace,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const told = new Map<string, PastChange[]>();
  for (const { ref, fields } of looks)
    told.set(ref.id, fields.has('status') ? await statusesOf(place, ref.key, signal) : []);
  const noted = looks.filter(({ fields }) => fields.has('title') || fields.has('text'));
  for (let start = 0; start < noted.length; start += HISTORIES_TOGETHER) {
    const chunk = noted.slice(start, start + HISTORIES_TOGETHER);
    const notes = await notesOf(place, chunk, signal);
    for (const { ref } of chunk) told.get(ref.id)?.push(...(notes.get(ref.key) ?? []));
  }
  return new Map(
    looks.map((look): [string, readonly PastChange[]] => [
      look.ref.id,
      (told.get(look.ref.id) ?? []).filter(({ at }) => Date.parse(at) >= seenAt(look)),
    ]),
  );
}

function seenAt({ seen }: LookBack): number {
  return Math.floor(Date.parse(seen.updatedAt) / 1000) * 1000;
}

async function statusesOf(place: GitlabPlace, key: string, signal: AbortSignal): Promise<PastChange[]> {
  const request = {
    path: `${issuePath(place, key)}/resource_state_events`,
    query: { per_page: PAGE },
  };
  const changes: PastChange[] = [];
  for await (const events of fetchPages(place, request, GitlabStateEvents, 'read the history', signal))
    for (const { state, created_at, user } of events) {
      if (state !== 'closed' && state !== 'reopened') continue;
      changes.push({
        at: created_at,
        ...whoOf(user),
        field: 'status',
        to: state === 'closed' ? CLOSED : OPEN,
      });
    }
  return changes;
}

async function notesOf(
  place: GitlabPlace,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const keys = looks.map(({ ref }) => ref.key);
  const variables = { path: place.fullPath, iids: keys };
  const found =
    place.fullPath === undefined || keys.length === 1
      ? undefined
      : await queryGraphql(place, ACTIVITY, variables, Active, signal);
  if (found?.project == null) return eachNotes(place, keys, signal);
  return new Map(
    found.project.issues.nodes.map(({ iid, notes }) => [
      iid,
      notes.nodes.flatMap(({ body, createdAt, author }) => changesIn(body, createdAt, whoOf(author))),
    ]),
  );
}

async function eachNotes(
  place: GitlabPlace,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const told = new Map<string, readonly PastChange[]>();
  for (const key of keys) {
    const query = {
      activity_filter: 'only_activity',
      order_by: 'created_at',
      sort: 'desc',
      per_page: NEWEST,
    };
    const request = { path: `${issuePath(place, key)}/notes`, query };
    const notes = await fetchData(place, request, GitlabNotes, 'read the history', signal);
    const changes = notes
      .toReversed()
      .flatMap(({ body, created_at, author }) => changesIn(body ?? '', created_at, whoOf(author)));
    told.set(key, changes);
  }
  return told;
}

function whoOf(user: { id: number; username: string } | null | undefined): { by: string; name?: string } {
  return user == null ? { by: '' } : { by: String(user.id), name: user.username };
}

/** What differs between two titles is marked in the note: `{-old-}` and `{+new+}`. */
const TITLE = /^changed title from \*\*.*\*\* to \*\*(.*)\*\*$/s;

function changesIn(body: string, at: string, who: { by: string; name?: string }): PastChange[] {
  if (body === 'changed the description') return [{ at, ...who, field: 'text' }];
  const to = TITLE.exec(body)?.[1];
  return to === undefined
    ? []
    : [{ at, ...who, field: 'title', to: to.replaceAll('{+', '').replaceAll('+}', '') }];
}
