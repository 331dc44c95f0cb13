import { z } from 'zod';
import type { IssueComment } from '../../domain/issue.ts';
import { commentOf } from './convert.ts';
import { queryGraphql } from './graphql.ts';
import { fetchData, issuePath } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabNote, GitlabNotes } from './wire.ts';
import type { GitlabIssue } from './wire.ts';

const NEWEST = 50;

/** Issues by the number in their project, at most a hundred. */
const COMMENTS = `query($path: ID!, $iids: [String!]!) {
  project(fullPath: $path) {
    issues(iids: $iids, first: 100) {
      nodes {
        iid
        notes(last: ${String(NEWEST)}, filter: ONLY_COMMENTS) {
          nodes { id body system createdAt updatedAt author { id username name } }
        }
      }
    }
  }
}`;

/** `gid://gitlab/DiscussionNote/12`: the number is the one that REST shows. */
export const GlobalId = z
  .string()
  .regex(/^gid:\/\/gitlab\/[\w:]+\/\d{1,15}$/)
  .transform((gid) => Number(gid.split('/').at(-1)));

const Note = z
  .object({
    id: GlobalId,
    body: z.string(),
    system: z.boolean(),
    createdAt: GitlabNote.shape.created_at,
    updatedAt: GitlabNote.shape.updated_at,
    author: z.object({ id: GlobalId, username: z.string(), name: z.string() }).nullish(),
  })
  .transform(({ createdAt, updatedAt, ...note }) => ({
    ...note,
    created_at: createdAt,
    updated_at: updatedAt,
  }));

const Nodes = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node) });
const Commented = z.object({
  project: z.object({ issues: Nodes(z.object({ iid: z.string(), notes: Nodes(Note) })) }).nullable(),
});

/**
 * The newest comments of each of these issues, by number: of many in one request, where GraphQL is there and the project's path
 * is known; else one request for each that has any.
 */
export async function newestComments(
  place: GitlabPlace,
  issues: readonly GitlabIssue[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly IssueComment[]>> {
  const commented = issues.filter((wire) => wire.user_notes_count !== 0);
  const comments = new Map(issues.map(({ iid }): [number, readonly IssueComment[]] => [iid, []]));
  const together = commented.length > 1 ? await ofMany(place, commented, signal) : undefined;
  for (const { iid } of commented) comments.set(iid, together?.get(iid) ?? (await ofOne(place, iid, signal)));
  return comments;
}

async function ofMany(
  place: GitlabPlace,
  issues: readonly GitlabIssue[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly IssueComment[]> | undefined> {
  if (place.fullPath === undefined) return undefined;
  const variables = { path: place.fullPath, iids: issues.map(({ iid }) => String(iid)) };
  const found = await queryGraphql(place, COMMENTS, variables, Commented, signal);
  const nodes = found?.project?.issues.nodes ?? [];
  return new Map(nodes.map(({ iid, notes }) => [Number(iid), inOrder(notes.nodes)]));
}

async function ofOne(place: GitlabPlace, iid: number, signal: AbortSignal): Promise<readonly IssueComment[]> {
  const query = { activity_filter: 'only_comments', order_by: 'created_at', sort: 'desc', per_page: NEWEST };
  const path = `${issuePath(place, String(iid))}/notes`;
  return inOrder(await fetchData(place, { path, query }, GitlabNotes, 'read comments', signal));
}

/** Oldest first; what GitLab itself noted down is left out. */
function inOrder(notes: GitlabNotes): readonly IssueComment[] {
  return notes
    .filter((note) => note.system !== true)
    .toSorted((one, other) => one.created_at.localeCompare(other.created_at) || one.id - other.id)
    .map(commentOf);
}
