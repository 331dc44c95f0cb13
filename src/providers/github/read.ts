import { z } from 'zod';
import type { Issue, IssueComment, IssueRef, ReadOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { commentOf, issueOf, issueOfGraphql, refOf } from './convert.ts';
import { fetchNodes } from './graphql.ts';
import type { AnsweredNode } from './graphql.ts';
import { fetchData, readProject } from './project.ts';
import type { GithubProject } from './project.ts';
import { GithubComments, GithubIssue, GraphqlIssue } from './wire.ts';

const PER_REQUEST = 100;
const NEWEST = 50;

/** What became of each ref, by its id: by GraphQL where the server has it, else one by one. */
export async function readIssues(
  project: GithubProject,
  refs: readonly IssueRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadOutcome>> {
  const outcomes = new Map<string, ReadOutcome>();
  for (let start = 0; start < refs.length; start += PER_REQUEST) {
    const chunk = refs.slice(start, start + PER_REQUEST);
    const ids = chunk.map((ref) => ref.id);
    const nodes = await fetchNodes(project, ids, signal);
    for (const [index, ref] of chunk.entries()) {
      const node = nodes?.[index];
      const outcome = node === undefined ? undefined : await outcomeOfNode(project, node, signal);
      outcomes.set(ref.id, outcome ?? (await readOne(project, ref, nodes === undefined, signal)));
    }
  }
  return outcomes;
}

/** Undefined: the node says too little, and the issue's number has to tell deleted from hidden from moved. */
async function outcomeOfNode(
  project: GithubProject,
  { node, partial }: AnsweredNode,
  signal: AbortSignal,
): Promise<ReadOutcome | undefined> {
  const parsed = GraphqlIssue.safeParse(node);
  if (!parsed.success) return undefined;
  const wire = parsed.data;
  const issue = issueOfGraphql(wire, project.format, partial || wire.body == null);
  if (await isHere(project, wire.repository, signal)) return { kind: 'found', issue };
  return { kind: 'moved', to: issue.ref, url: issue.url, sameProject: false };
}

async function isHere(
  project: GithubProject,
  repository: { databaseId: number; nameWithOwner: string },
  signal: AbortSignal,
): Promise<boolean> {
  if (project.path.toLowerCase() === `/repos/${repository.nameWithOwner}`.toLowerCase()) return true;
  if (project.projectId === undefined) await readProject(project, signal);
  return project.projectId === String(repository.databaseId);
}

async function readOne(
  project: GithubProject,
  ref: IssueRef,
  withComments: boolean,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const answer = await askIssue(project, ref.key, signal);
  if (answer.status === 301) return follow(project, ref, answer, signal);
  if (answer.status !== 200) return missing(answer, project.clock.now());
  const wire = dataOf(answer, GithubIssue, 'read an issue', project.clock.now());
  if (wire.pull_request !== undefined)
    return { kind: 'hidden', reason: 'The number belongs to a pull request.' };
  if (wire.node_id !== ref.id) return { kind: 'hidden', reason: 'The number belongs to another issue now.' };
  const comments = withComments ? await newestComments(project, wire, signal) : undefined;
  return { kind: 'found', issue: issueOf(wire, project.format, comments) };
}

/** GitHub's answer for an issue by number: 200, 301 moved, 404 hidden, 410 deleted. */
export function askIssue(project: GithubProject, key: string, signal: AbortSignal): Promise<TrackerResponse> {
  return project.send({ method: 'GET', path: issuePath(project, key) }, signal);
}

export function issuePath(project: GithubProject, key: string): string {
  return `${project.path}/issues/${encodeURIComponent(key)}`;
}

/** 410 proves a deletion, unless issues are switched off; 404 proves nothing. Throws for everything else. */
function missing(answer: TrackerResponse, now: Date): ReadOutcome {
  const words = refusalWords(answer);
  if (answer.status === 410 && !/disabled/i.test(words)) return { kind: 'gone', proof: words };
  if (answer.status === 404 || answer.status === 410) return { kind: 'hidden', reason: words };
  throw refusal(answer, 'read an issue', now);
}

/** 301 is a transfer of the issue, or a rename of the repository: then it is the same issue. */
async function follow(
  project: GithubProject,
  ref: IssueRef,
  answer: TrackerResponse,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const url = answer.headers.get('location');
  if (url === null) throw refusal(answer, 'read an issue', project.clock.now());
  const next = await project.send({ method: 'GET', path: issuePath(project, ref.key), url }, signal);
  if (next.status !== 200)
    return { kind: 'hidden', reason: `It has moved to where we cannot follow (${refusalWords(next)}).` };
  const wire = dataOf(next, GithubIssue, 'read a moved issue', project.clock.now());
  if (wire.node_id === ref.id) return { kind: 'found', issue: issueOf(wire, project.format) };
  const home = new URL(wire.repository_url ?? wire.html_url).pathname.toLowerCase();
  return {
    kind: 'moved',
    to: refOf(wire),
    url: wire.html_url,
    sameProject: home.endsWith(project.path.toLowerCase()),
  };
}

/** The newest comments lie on the last pages: GitHub lists them oldest first only. */
async function newestComments(
  project: GithubProject,
  wire: GithubIssue,
  signal: AbortSignal,
): Promise<readonly IssueComment[]> {
  const count = wire.comments ?? 0;
  const last = Math.ceil(count / NEWEST);
  const comments: IssueComment[] = [];
  for (let page = Math.max(1, last - 1); page <= last; page += 1) {
    const path = `${issuePath(project, String(wire.number))}/comments`;
    const query = { per_page: NEWEST, page };
    const found = await fetchData(project, { path, query }, GithubComments, 'read comments', signal);
    comments.push(...found.map(commentOf));
  }
  return comments.slice(-NEWEST);
}

const Number42 = z.string().regex(/^#?(\d{1,10})$/);

/** Look an issue up by `42`, `#42` or its URL. Undefined: this repository has no such issue. */
export async function findIssue(
  project: GithubProject,
  key: string,
  signal: AbortSignal,
): Promise<Issue | undefined> {
  const number = numberOf(project, key.trim());
  if (number === undefined) return undefined;
  const answer = await askIssue(project, number, signal);
  if ([301, 404, 410].includes(answer.status)) return undefined;
  const wire = dataOf(answer, GithubIssue, 'read an issue', project.clock.now());
  return wire.pull_request === undefined ? issueOf(wire, project.format) : undefined;
}

function numberOf(project: GithubProject, key: string): string | undefined {
  if (Number42.safeParse(key).success) return key.replace('#', '');
  const path = URL.parse(key)?.pathname ?? '';
  const [, home = '', number] = /^\/([^/]+\/[^/]+)\/issues\/(\d{1,10})\/?$/.exec(path) ?? [];
  return `/repos/${home}`.toLowerCase() === project.path.toLowerCase() ? number : undefined;
}
