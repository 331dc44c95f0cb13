import type { IssueWrite, Placed, WriteOutcome } from '../domain/issue.ts';
import { type Link, threatOf } from '../domain/link.ts';
import { type ParentTarget, placeUnder } from '../domain/parent.ts';
import type { Dirty } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import { eachThenPark, Parked, parkIfAsked } from './parked.ts';
import { noteNamed } from './parents.ts';
import { targetsOf, underOf } from './targets.ts';
import { backoffMs, later, nowOf, recording, type Work } from './work.ts';

/** An issue to be put under another one. */
interface Child {
  link: Link;
  /** As `underOf`. */
  under: string;
  /** Cleared once it is placed. */
  mark?: Pick<Dirty, 'linkId' | 'generation'> | undefined;
}

const ABSENT = ['not-found', 'gone', 'moved'];

interface Placement {
  child: Child;
  target: ParentTarget;
}

/** Put issues that were looked at in this pass under their parents, where they never were. */
export async function placeDecided(work: Work, decided: readonly Decided[]): Promise<void> {
  const pairs = decided.map(({ pair }) => pair).filter(({ link }) => link.state === 'linked');
  if (pairs.length === 0) return;
  await placeChildren(
    work,
    pairs.map(({ link, model }) => ({ link, under: underOf(work, link, model) })),
    await targetsOf(work, pairs),
  );
}

/** Put issues under their parents, once each: where people put them afterwards they stay. */
export async function placeChildren(
  work: Work,
  children: readonly Child[],
  targets: ReadonlyMap<string, ParentTarget>,
): Promise<void> {
  const wanted = children.flatMap((child): Placement[] => {
    const target = targets.get(child.under);
    return target === undefined || !isWanted(child.link, target) ? [] : [{ child, target }];
  });
  const mentioned = wanted.filter(({ target }) => target.kind === 'mention');
  for (const each of mentioned) await recordPlaced(work, each, { kind: 'mention' });
  const writing = wanted.filter((each) => !mentioned.includes(each));
  const size = work.session.connection.capabilities.writesPerRequest;
  for (let from = 0; from < writing.length; from += size) {
    parkIfAsked(work);
    if (work.writes.pausedUntil() !== undefined) return;
    await work.lease.ensure();
    const batch = writing.slice(from, from + size);
    const writes = batch.flatMap(writeOf);
    const outcomes = await work.writes.send(work.session.tracker, writes, work.signal);
    await eachThenPark(batch.entries(), ([index, each]) =>
      recordOutcome(
        work,
        each,
        outcomes[index] ?? { kind: 'unknown', reason: 'The tracker gave no outcome.' },
      ),
    );
  }
}

function writeOf({ child, target }: Placement): IssueWrite[] {
  const { issue } = child.link;
  const as = target.kind === 'child' ? 'child' : 'link';
  return issue === undefined ? [] : [{ kind: 'place', ref: issue, parent: target.issue, as }];
}

function isWanted({ issue, placed, state }: Link, target: ParentTarget): boolean {
  if (state !== 'linked' || issue === undefined || issue.id === target.issue.id) return false;
  return placed?.parentId !== target.id;
}

async function recordOutcome(work: Work, placement: Placement, outcome: WriteOutcome): Promise<void> {
  switch (outcome.kind) {
    case 'written':
      return recordPlaced(work, placement, outcome.placed ?? { kind: placement.target.kind });
    case 'refused':
      if (outcome.code === 'parent-gone') return parentMissing(work, placement, outcome.reason);
      // The issue itself is gone: that is for its next reading to tell.
      if (ABSENT.includes(outcome.code)) return;
      return recordPlaced(work, placement, { kind: 'mention', reason: outcome.reason });
    case 'unknown':
    case 'stale': {
      const { settleMs } = work.session.connection.capabilities;
      return again(work, placement, later(work, settleMs * work.parts.timings.settleFactor));
    }
    case 'later': {
      const resumeAt = outcome.resumeAt ?? later(work, backoffMs(work, 1));
      await again(work, placement, resumeAt);
      throw new Parked('waiting', outcome.reason, resumeAt);
    }
  }
}

async function recordPlaced(work: Work, { child, target }: Placement, placed: Placed): Promise<void> {
  const at = nowOf(work);
  await recording(work, async (tx) => {
    const current = await tx.links.get(child.link.id);
    if (current?.state !== 'linked') return;
    if (!(await tx.links.update({ ...current, placed: placeUnder(target, placed, at) }))) return;
    const { integrationId, id: linkId } = current;
    const head = { at, linkId, ...threatOf(current) };
    await tx.journal.add([
      {
        ...head,
        actor: 'sync',
        action: `issue-placed-${placed.kind}`,
        runId: work.run.id,
        integrationId,
        after: target.issue.key,
        ...(placed.reason === undefined ? {} : { note: placed.reason }),
      },
    ]);
    if (placed.reason !== undefined)
      await tx.runs.addItems([
        {
          ...head,
          runId: work.run.id,
          ...(current.issue === undefined ? {} : { issueKey: current.issue.key }),
          outcome: 'skipped',
          fields: [],
          reason: { code: 'parent-refused', message: placed.reason },
        },
      ]);
    if (child.mark !== undefined) await tx.dirty.clear(integrationId, [child.mark]);
    // Its text is to name the parent now.
    if (placed.kind === 'mention') await tx.dirty.mark(integrationId, [{ linkId, reason: 'threat' }]);
  });
}

async function again(work: Work, { child }: Placement, dueAt: string): Promise<void> {
  const { integrationId, id: linkId } = child.link;
  await recording(work, (tx) => tx.dirty.mark(integrationId, [{ linkId, reason: 'settle', dueAt }]));
}

/** Not found is no proof: a parent of ours is looked at as any issue is; one that a person named, twice. */
async function parentMissing(work: Work, placement: Placement, reason: string): Promise<void> {
  const { missingGapMs } = work.parts.timings;
  await again(work, placement, later(work, missingGapMs));
  const { target } = placement;
  const { namedParent, parent, id } = work.session.integration;
  if (parent?.kind === 'model')
    await recording(work, (tx) => tx.dirty.mark(id, [{ linkId: target.id, reason: 'issue' }]));
  if (parent?.kind !== 'issue' || namedParent === undefined) return;
  const since = namedParent.missingSince ?? nowOf(work);
  const isBelieved = work.parts.clock.now().getTime() - Date.parse(since) >= missingGapMs;
  await noteNamed(work, { ...namedParent, missingSince: since, ...(isBelieved ? { gone: reason } : {}) });
}
