import type { AsideCode } from '../domain/dead-letters.ts';
import type { Issue } from '../domain/issue.ts';
import type { Link } from '../domain/link.ts';
import { readMark } from '../domain/mark.ts';
import type { Dirty } from '../ports/repositories.ts';
import { hasLeft, type Pair } from './gather.ts';
import { closeAfterGrace } from './grace.ts';
import { labelMissing } from './missing-label.ts';
import { returned } from './missing.ts';
import { nowOf, recording, type Work } from './work.ts';

/**
 * Bring links whose issue was found into a state in which they can be worked: what came back is linked again, what is
 * damaged is set aside, a block that is not ours is never read as ours. Answers the workable pairs. Without `mayWrite`, what
 * asks for a write to the tracker stays as it is.
 */
export async function repairStates(
  work: Work,
  pairs: readonly Pair[],
  taken: ReadonlyMap<string, Dirty>,
  mayWrite: boolean,
): Promise<readonly Pair[]> {
  const workable: Pair[] = [];
  for (const pair of pairs) {
    if (pair.outcome?.kind !== 'found') {
      await clear(work, pair, taken);
      continue;
    }
    const issue = withoutForeignBlock(work, pair.link, pair.outcome.issue);
    const waits = pair.link.state === 'threat-gone' && !mayWrite;
    const link = waits ? undefined : await repaired(work, pair, issue, taken.get(pair.link.id));
    if (link === undefined) await clear(work, pair, taken);
    else workable.push({ ...pair, link, outcome: { kind: 'found', issue } });
  }
  return workable;
}

/** The link as it may be worked, stored if it changed; undefined = it stays out. */
async function repaired(
  work: Work,
  pair: Pair,
  issue: Issue,
  taken: Dirty | undefined,
): Promise<Link | undefined> {
  const { link } = pair;
  const at = nowOf(work);
  if (issue.block.kind === 'damaged' && link.state === 'linked') {
    const stateReason = `The sync's part of the issue is damaged: ${issue.block.why}. Mend or remove it, then sync by hand.`;
    const code: AsideCode = 'block-damaged';
    const lastError = { code, message: stateReason, at };
    await store(work, { ...link, state: 'quarantined', stateSince: at, stateReason, lastError });
    return undefined;
  }
  switch (link.state) {
    case 'linked':
      return link;
    case 'moved':
    case 'issue-gone':
      return store(work, returned(link, at));
    case 'threat-gone':
      if (!hasLeft(pair)) return comesBack(work, pair, issue);
      await closeAfterGrace(work, pair, issue, taken);
      return undefined;
    case 'quarantined':
      return work.approved && issue.block.kind !== 'damaged' ? store(work, returned(link, at)) : undefined;
    case 'creating':
    case 'dormant':
    case 'detached':
      return undefined;
  }
}

async function comesBack(work: Work, pair: Pair, issue: Issue): Promise<Link | undefined> {
  const labelled = await labelMissing(work, { pair, issue }, false);
  return labelled ? store(work, returned(pair.link, nowOf(work))) : undefined;
}

async function store(work: Work, link: Link): Promise<Link | undefined> {
  const stored = await recording(work, (tx) => tx.links.update(link));
  return stored ? { ...link, version: link.version + 1 } : undefined;
}

/** A block whose mark is not this link's is somebody's text: a cloned issue, another installation. No verdict rests on it. */
function withoutForeignBlock(work: Work, link: Link, issue: Issue): Issue {
  if (issue.block.kind !== 'present') return issue;
  const mark = readMark(issue.block.mark, work.markKey);
  return mark?.linkId === link.id ? issue : { ...issue, block: { kind: 'unknown' } };
}

async function clear(work: Work, pair: Pair, taken: ReadonlyMap<string, Dirty>): Promise<void> {
  const mark = taken.get(pair.link.id);
  if (mark !== undefined) await recording(work, (tx) => tx.dirty.clear(pair.link.integrationId, [mark]));
}
