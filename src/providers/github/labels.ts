import { TrackerError } from '../../domain/errors.ts';
import type { Issue, IssueChange } from '../../domain/issue.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import type { GithubProject } from './project.ts';
import { issuePath } from './read.ts';
import { GithubLabels } from './wire.ts';
import type { Attempt } from '../shared/write-each.ts';

interface Labelled {
  labels: readonly string[];
  warnings: readonly string[];
}

/**
 * Add and remove only the labels that are named, so that people's stay. `lenient`: another part of the change
 * goes on although GitHub refuses the labels; a warning tells it.
 */
export async function changeLabels(
  project: GithubProject,
  issue: Issue,
  change: IssueChange,
  how: { attempt: Attempt; lenient: boolean },
  signal: AbortSignal,
): Promise<Labelled> {
  try {
    return { labels: await applyLabels(project, issue, change, how.attempt, signal), warnings: [] };
  } catch (error) {
    const permanent = error instanceof TrackerError && [403, 404, 422].includes(error.status ?? 0);
    if (!how.lenient || !permanent || error.code === 'tracker-rate-limited') throw error;
    return { labels: issue.labels, warnings: [`The labels were not changed: ${error.message}`] };
  }
}

async function applyLabels(
  project: GithubProject,
  issue: Issue,
  change: IssueChange,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `${issuePath(project, issue.ref.key)}/labels`;
  const has = new Set(issue.labels.map((label) => label.toLowerCase()));
  const missing = (change.addLabels ?? []).filter((label) => !has.has(label.toLowerCase()));
  const surplus = (change.removeLabels ?? []).filter((label) => has.has(label.toLowerCase()));
  let { labels } = issue;
  if (missing.length > 0) {
    attempt.sent = true;
    const answer = await project.send({ method: 'POST', path, json: { labels: missing } }, signal);
    labels = dataOf(answer, GithubLabels, 'add labels', project.clock.now());
    attempt.done = true;
  }
  for (const label of surplus) {
    attempt.sent = true;
    const answer = await project.send(
      { method: 'DELETE', path: `${path}/${encodeURIComponent(label)}` },
      signal,
    );
    // Somebody took it off before us: GitHub answers 404 "Label does not exist".
    if (answer.status === 404 && /label/i.test(refusalWords(answer)))
      labels = labels.filter((each) => each.toLowerCase() !== label.toLowerCase());
    else if (answer.status !== 200) throw refusal(answer, 'remove a label', project.clock.now());
    else labels = dataOf(answer, GithubLabels, 'remove a label', project.clock.now());
    attempt.done = true;
  }
  return labels;
}
