import type { IssueRef, IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import type { ParentPlacing } from '../../domain/parent.ts';
import type { CheckItem } from '../../ports/tracker.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { issuePath } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { askIssue } from './read.ts';
import { GitlabIssue } from './wire.ts';

type Place = Extract<IssueWrite, { kind: 'place' }>;

const WHY = 'GitLab puts issues under epics only, not under issues';

/** No issue stands under another one; links between them are there in every edition. */
export const HIERARCHY: CheckItem = {
  name: 'hierarchy',
  outcome: 'ok',
  detail: `Threats can be linked to a parent issue ("relates to"): ${WHY}.`,
};

/**
 * Linked, unless this server does not answer for links. Two requests.
 * https://docs.gitlab.com/user/project/issues/related_issues/
 */
export async function placingUnder(
  place: GitlabPlace,
  parent: IssueRef,
  signal: AbortSignal,
): Promise<ParentPlacing> {
  const answer = await askIssue(place, parent.key, signal);
  dataOf(answer, GitlabIssue, 'read the parent issue', place.clock.now());
  const links = await place.send({ method: 'GET', path: linksPath(place, parent) }, signal);
  return links.status === 200
    ? { kind: 'link', detail: `Threats are linked to their parent ("relates to"): ${WHY}.` }
    : {
        kind: 'mention',
        detail: `The text of each threat links to its parent: ${WHY}, and links between issues are refused (${refusalWords(links)}).`,
      };
}

/** Link an issue to its parent: one request. GitLab itself knows whether they are linked already. */
export async function placeIssue(
  place: GitlabPlace,
  { ref, parent }: Place,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  attempt.sent = true;
  const project = decodeURIComponent(place.path.split('/').at(-1) ?? place.named);
  const json = { target_project_id: project, target_issue_iid: parent.key, link_type: 'relates_to' };
  const answer = await place.send({ method: 'POST', path: linksPath(place, ref), json }, signal);
  if (answer.status === 201 || answer.status === 409) return { kind: 'written', placed: { kind: 'link' } };
  if (![400, 403, 404, 422].includes(answer.status))
    throw refusal(answer, 'link an issue to its parent', place.clock.now());
  attempt.sent = false;
  const there = await askIssue(place, parent.key, signal);
  if (there.status === 404)
    return {
      kind: 'refused',
      code: 'parent-gone',
      reason: `The parent was not found: ${refusalWords(there)}`,
    };
  const reason = `It could not be linked to its parent (${refusalWords(answer)}); its text links to the parent instead.`;
  return { kind: 'written', placed: { kind: 'mention', reason } };
}

function linksPath(place: GitlabPlace, { key }: IssueRef): string {
  return `${issuePath(place, key)}/links`;
}
