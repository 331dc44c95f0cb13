import type { IssueRef, IssueWrite, Placed, WriteOutcome } from '../../domain/issue.ts';
import type { ParentPlacing } from '../../domain/parent.ts';
import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusalWords } from './answers.ts';
import type { GithubProject } from './project.ts';
import { askIssue, issuePath } from './read.ts';
import { GithubIssue, GithubIssues } from './wire.ts';

type Place = Extract<IssueWrite, { kind: 'place' }>;

/**
 * Sub-issues, where the server has them: then every issue says how many it has. Enterprise Server up to 3.19 has none.
 * https://docs.github.com/en/rest/issues/sub-issues
 */
export async function placingUnder(
  project: GithubProject,
  parent: IssueRef,
  signal: AbortSignal,
): Promise<ParentPlacing> {
  if (!project.madeIds.has(parent.id)) {
    const answer = await askIssue(project, parent.key, signal);
    const wire = dataOf(answer, GithubIssue, 'read the parent issue', project.clock.now());
    project.subIssues = wire.sub_issues_summary !== undefined;
  }
  return project.subIssues === true
    ? { kind: 'child', detail: 'Threats are sub-issues of their parent.' }
    : {
        kind: 'mention',
        detail: 'This server has no sub-issues: the text of each threat links to its parent.',
      };
}

/** Whether there are sub-issues, as any issue shows. */
export function checkHierarchy(listed: TrackerResponse | Error): CheckItem {
  const name = 'hierarchy';
  const issues = listed instanceof Error ? undefined : GithubIssues.safeParse(listed.json).data;
  const [issue] = issues ?? [];
  if (issue === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'There is no issue yet that would show whether this server has sub-issues.',
      remedy: 'Nothing to do: `status` tells it after the first sync, where the option `parent` is on.',
    };
  if (issue.sub_issues_summary !== undefined)
    return { name, outcome: 'ok', detail: 'There are sub-issues: threats can stand under a parent.' };
  return {
    name,
    outcome: 'warning',
    detail: 'This server has no sub-issues.',
    remedy: 'Nothing to do: with the option `parent` the text of each threat links to its parent instead.',
  };
}

/** Make an issue a sub-issue, unless it is one already: one request for a new issue, two for an older one. */
export async function placeIssue(
  project: GithubProject,
  { ref, parent }: Place,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  let id = project.madeIds.get(ref.id);
  if (id === undefined) {
    const child = await present(project, ref, signal);
    const stands = placeOf(project, child, parent);
    if (stands !== undefined) return { kind: 'written', placed: stands };
    ({ id } = child);
  }
  if (id === undefined)
    return { kind: 'refused', code: 'unsupported', reason: 'GitHub did not tell the id of the issue.' };
  attempt.sent = true;
  const path = `${issuePath(project, parent.key)}/sub_issues`;
  const answer = await project.send({ method: 'POST', path, json: { sub_issue_id: id } }, signal);
  if (answer.status === 201) return { kind: 'written', placed: { kind: 'child' } };
  if (![403, 404, 410, 422].includes(answer.status) || answer.headers.has('retry-after'))
    dataOf(answer, GithubIssue, 'add a sub-issue', project.clock.now());
  attempt.sent = false;
  if (answer.status === 404 || answer.status === 410) return whyNotFound(project, parent, signal);
  const stands = placeOf(project, await present(project, ref, signal), parent);
  return { kind: 'written', placed: stands ?? mention(refusalWords(answer)) };
}

async function present(project: GithubProject, ref: IssueRef, signal: AbortSignal): Promise<GithubIssue> {
  const answer = await askIssue(project, ref.key, signal);
  return dataOf(answer, GithubIssue, 'read the issue before placing it', project.clock.now());
}

/** Where the issue stands now; undefined = under none. */
function placeOf(
  project: GithubProject,
  { parent_issue_url: url }: GithubIssue,
  parent: IssueRef,
): Placed | undefined {
  if (url == null) return undefined;
  const isOurs = url.toLowerCase().endsWith(issuePath(project, parent.key).toLowerCase());
  return isOurs ? { kind: 'child' } : { kind: 'left', reason: 'It is a sub-issue of another issue already.' };
}

/** No sub-issues on this server, or no such parent? */
async function whyNotFound(
  project: GithubProject,
  parent: IssueRef,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const answer = await askIssue(project, parent.key, signal);
  if (answer.status !== 200)
    return {
      kind: 'refused',
      code: 'parent-gone',
      reason: `The parent was not found: ${refusalWords(answer)}`,
    };
  const wire = dataOf(answer, GithubIssue, 'read the parent issue', project.clock.now());
  const why = wire.sub_issues_summary === undefined ? 'this server has none' : 'GitHub does not find them';
  return { kind: 'written', placed: mention(why) };
}

function mention(why: string): Placed {
  return {
    kind: 'mention',
    reason: `It could not become a sub-issue (${why}); its text links to the parent.`,
  };
}
