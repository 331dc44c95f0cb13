import type { Issue, IssueChange, IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { changedMeanwhile, isFresh } from '../shared/changed-meanwhile.ts';
import { replaceBlock } from '../shared/managed-block.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal } from './answers.ts';
import { issueOf, stateOf, withLabels } from './convert.ts';
import { changeLabels } from './labels.ts';
import { longerThanAllowed } from './longer-than-allowed.ts';
import type { GithubProject } from './project.ts';
import { askIssue, issuePath } from './read.ts';
import { GithubIssue } from './wire.ts';

type Update = Extract<IssueWrite, { kind: 'update' }>;

interface Patch {
  title?: string;
  body?: string;
  state?: 'open' | 'closed';
  state_reason?: string;
}

/** Change only what is named, unless somebody changed just that since it was seen. */
export async function updateIssue(
  project: GithubProject,
  write: Update,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const now = await presentIssue(project, write, signal);
  if (changedMeanwhile(write, now, shownIn(project))) return { kind: 'stale' };
  const patch = patchOf(now, write.change);
  if ('kind' in patch) return patch;
  const tooLong = longerThanAllowed(patch.title, patch.body);
  if (tooLong !== undefined) return tooLong;
  const hasPatch = Object.keys(patch).length > 0;
  const labelled = await changeLabels(project, now, write.change, { attempt, lenient: hasPatch }, signal);
  const issue = hasPatch ? await sendPatch(project, now, patch, attempt, signal) : undefined;
  const warnings = labelled.warnings.length > 0 ? { warnings: labelled.warnings } : {};
  return { kind: 'written', issue: issue ?? withLabels(now, labelled.labels), ...warnings };
}

/** The issue as it is: what was seen if that is fresh, else read again. GitHub has no conditional write. */
async function presentIssue(project: GithubProject, write: Update, signal: AbortSignal): Promise<Issue> {
  if (isFresh(write, project.clock)) return write.seen;
  const answer = await askIssue(project, write.ref.key, signal);
  if (answer.status === 301) throw refusal(answer, 'read the issue before writing', project.clock.now());
  const wire = dataOf(answer, GithubIssue, 'read the issue before writing', project.clock.now());
  return issueOf(wire, project.format);
}

/** A write sends the whole text, people's part as well. */
function shownIn({ format }: GithubProject) {
  return {
    title: (text: string) => format.canonTitle(text),
    text: ({ body }: Issue) => format.canonBlock(body),
  };
}

/** The smallest PATCH; an outcome when the change cannot be expressed. */
function patchOf(now: Issue, change: IssueChange): Patch | WriteOutcome {
  const patch: Patch = {};
  if (change.title !== undefined && change.title !== now.title) patch.title = change.title;
  if (change.block !== undefined) {
    const body = replaceBlock(now.body, change.block);
    if (body === undefined)
      return {
        kind: 'refused',
        code: 'block-damaged',
        reason: 'The markers of our block are damaged; repair the issue by hand.',
      };
    if (body !== now.body) patch.body = body;
  }
  if (change.status !== undefined) {
    const target = stateOf(change.status);
    if (target === undefined)
      return {
        kind: 'refused',
        code: 'needs-mapping',
        reason: `GitHub has no status "${change.status.id ?? ''}".`,
      };
    if (statusId(target) !== now.status.id) Object.assign(patch, target);
  }
  return patch;
}

function statusId(target: { state: string; state_reason?: string }): string {
  return target.state_reason === undefined ? target.state : `${target.state}/${target.state_reason}`;
}

/** GitHub ignores `state_reason` unless `state` changes in the same call: to change only the reason, reopen first. */
async function sendPatch(
  project: GithubProject,
  now: Issue,
  patch: Patch,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Issue> {
  const path = issuePath(project, now.ref.key);
  const send = async (json: Patch): Promise<Issue> => {
    attempt.sent = true;
    const answer = await project.send({ method: 'PATCH', path, json }, signal);
    const wire = dataOf(answer, GithubIssue, 'change the issue', project.clock.now());
    attempt.done = true;
    return issueOf(wire, project.format);
  };
  if (patch.state === 'closed' && now.status.id !== 'open') await send({ state: 'open' });
  return send(patch);
}
