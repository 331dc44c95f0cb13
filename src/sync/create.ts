import { baseOfCreate } from '../domain/advance.ts';
import type { Issue, IssueWrite, WriteOutcome } from '../domain/issue.ts';
import { type Link, type Op, threatOf } from '../domain/link.ts';
import { keyFingerprint, markText } from '../domain/mark.ts';
import { type ParentTarget, placeUnder } from '../domain/parent.ts';
import { createChange } from '../domain/run-change.ts';
import type { RunItem } from '../domain/run.ts';
import { isLabelKey, keysOf } from '../domain/values.ts';
import type { Dirty, Tx } from '../ports/repositories.ts';
import { wakeChildren } from './children.ts';
import { eachThenPark, Parked, parkIfAsked } from './parked.ts';
import { shownOf } from './record.ts';
import { wakeSharers } from './shared-issues.ts';
import { backoffMs, later, nowOf, recording, type Work } from './work.ts';

/** An issue to make: its link, and what it shall show. */
export interface Draft {
  link: Link;
  /** The link was told before: only the intent is new. */
  isTold: boolean;
  /** What its mark is about: a threat's key. */
  key: string;
  payload: Omit<Op['payload'], 'mark'>;
  parent?: ParentTarget;
  /** The version of the threat that it was rendered from. */
  of?: number;
}

interface Told {
  link: Link;
  op: Op;
  parent?: ParentTarget | undefined;
  of?: number | undefined;
}

/** A link bound to its issue, and the dirty mark it was left with where it is not under its parent yet. */
export interface Bound {
  link: Link;
  mark?: Pick<Dirty, 'linkId' | 'generation'> | undefined;
}

/**
 * Create issues: told before done, one intent and one mark each, in batches of the tracker's size. Answers the links that
 * are bound now.
 */
export async function createDrafts(work: Work, drafts: readonly Draft[]): Promise<readonly Bound[]> {
  const all: Bound[] = [];
  for (let from = 0; from < drafts.length;) {
    parkIfAsked(work);
    const until = work.writes.pausedUntil();
    if (until !== undefined) {
      await waitForWrites(work, drafts.slice(from), until);
      return all;
    }
    await work.lease.ensure();
    const size = work.writes.most(work.session.connection.capabilities.writesPerRequest);
    const told = await tell(work, drafts.slice(from, from + size));
    from += size;
    const outcomes = await work.writes.send(work.session.tracker, told.map(writeOf), work.signal);
    await eachThenPark(told.entries(), async ([index, each]) => {
      const unsaid: WriteOutcome = { kind: 'unknown', reason: 'The tracker gave no outcome.' };
      const bound = await recordOutcome(work, each, outcomes[index] ?? unsaid);
      if (bound !== undefined) all.push(bound);
    });
  }
  return all;
}

/** Those whose links are told wait for their try; the others are candidates still. */
async function waitForWrites(work: Work, drafts: readonly Draft[], until: string): Promise<void> {
  const told = drafts.filter(({ isTold }) => isTold);
  await recording(work, async (tx) => {
    for (const { link } of told) await redue(tx, link, until);
  });
  work.tally.add('parked', told.length);
}

/** Commit the intents. From here on a crash leaves links in `creating`, whose issues are looked for by their mark. */
async function tell(work: Work, drafts: readonly Draft[]): Promise<Told[]> {
  const { host } = work.session.connection;
  return recording(work, async (tx) => {
    const told: Told[] = [];
    for (const draft of drafts) {
      const { link, isTold, parent, of } = draft;
      if (!isTold) await tx.links.insert(link, host);
      const op = intentOf(work, draft);
      await tx.ops.insert(op);
      await tx.dirty.mark(link.integrationId, [
        { linkId: link.id, reason: 'settle', dueAt: later(work, work.parts.timings.leaseMs) },
      ]);
      told.push({ link, op, parent, of });
    }
    return told;
  });
}

async function recordOutcome(work: Work, told: Told, outcome: WriteOutcome): Promise<Bound | undefined> {
  switch (outcome.kind) {
    case 'written':
      if (outcome.issue === undefined)
        return setAside(work, told, 'tracker-nonsense', 'The tracker created an issue without naming it.');
      return bind(work, told, outcome.issue, 'created', outcome);
    case 'unknown':
      return recording(work, async (tx) => {
        const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
        await redue(tx, told.link, later(work, settleMs));
        await tx.runs.addItems([
          item(work, told, 'parked', { code: 'outcome-unknown', message: outcome.reason }),
        ]);
        work.tally.add('parked');
        return undefined;
      });
    case 'later': {
      const resumeAt = outcome.resumeAt ?? later(work, backoffMs(work, 1));
      await recording(work, async (tx) => {
        await tx.ops.update({ ...told.op, state: 'abandoned', settledAt: nowOf(work) });
        await redue(tx, told.link, resumeAt);
      });
      throw new Parked('waiting', outcome.reason, resumeAt);
    }
    case 'refused':
      return setAside(work, told, outcome.code, outcome.reason);
    case 'stale':
      return setAside(work, told, 'tracker-nonsense', 'The tracker called a new issue stale.');
  }
}

/** The link is bound to its issue; its past is what was rendered, so that an edit made meanwhile is an edit. */
export async function bind(
  work: Work,
  told: Told,
  issue: Issue,
  how: 'created' | 'adopted',
  { warnings = [], placed }: Pick<Extract<WriteOutcome, { kind: 'written' }>, 'warnings' | 'placed'> = {},
): Promise<Bound | undefined> {
  const at = nowOf(work);
  const { link, op, parent } = told;
  const place =
    parent === undefined || placed === undefined ? op.payload.placed : placeUnder(parent, placed, at);
  const notes = place?.reason === undefined ? warnings : [...warnings, place.reason];
  const outcome = await recording(work, async (tx): Promise<Bound | undefined> => {
    const current = await tx.links.get(link.id);
    await tx.ops.update({ ...op, state: 'done', settledAt: at });
    // A person detached it while it was being created: it stays detached, and the issue is theirs.
    if (current === undefined || current.state !== 'creating') return undefined;
    const bound: Link = {
      ...current,
      state: 'linked',
      stateSince: at,
      issue: { ...issue.ref, url: issue.url },
      base: baseOfCreate(op.payload, work.session.integration.mapping.version),
      shown: shownOf(issue),
      ...(place === undefined ? {} : { placed: place }),
      failures: 0,
      syncedAt: at,
    };
    await tx.links.update(bound);
    await tx.journal.add([
      {
        at,
        actor: 'sync',
        action: `${link.role === 'parent' ? 'parent' : 'issue'}-${how}`,
        runId: work.run.id,
        integrationId: link.integrationId,
        linkId: link.id,
        ...threatOf(link),
        after: issue.url,
        ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
      },
    ]);
    const code = place?.reason === undefined ? 'tracker-warning' : 'parent-refused';
    const reason = notes.length === 0 ? undefined : { code, message: notes.join(' ') };
    if (link.role !== 'parent') await tx.changes.add([createChange(op, at)]);
    await tx.runs.addItems([{ ...item(work, told, how, reason), issueKey: issue.ref.key }]);
    await clear(tx, link);
    if (link.role === 'parent') await wakeChildren(tx, link);
    if (link.role === 'mitigation') await wakeSharers(tx, link);
    // What was edited since it was rendered is looked at again at once.
    if (how === 'adopted' || (await saysMore(tx, told)))
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'settle' }]);
    const isUnplaced = parent !== undefined && place === undefined;
    const mark = isUnplaced && how === 'created' ? await leaveMark(work, tx, link) : undefined;
    return { link: { ...bound, version: current.version + 1 }, mark };
  });
  work.tally.add(how);
  return outcome;
}

/**
 * Is there more to say than the issue shows? It began open, whatever the status. Whoever changed the threat before its link was
 * there could mark nothing, and a mark that came later was cleared just now.
 */
async function saysMore(tx: Tx, { link, op, of }: Told): Promise<boolean> {
  if (of === undefined) return false;
  return op.payload.threat.status === null || (await tx.threats.get(link.threatId))?.version !== of;
}

/** Should we die before it is put under its parent, this makes it come back. */
async function leaveMark(work: Work, tx: Tx, link: Link): Promise<Dirty | undefined> {
  const dueAt = later(work, work.parts.timings.leaseMs);
  await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'settle', dueAt }]);
  return (await tx.dirty.of(link.integrationId, [link.id]))[0];
}

/** It surely was not created: try again later, and set it aside after too many times. */
async function setAside(work: Work, told: Told, code: string, message: string): Promise<undefined> {
  const at = nowOf(work);
  // Where writes pause, the failure is not this issue's.
  const until = work.writes.pausedUntil();
  const failures = told.link.failures + (until === undefined ? 1 : 0);
  const aside = until === undefined && failures >= work.parts.timings.retryLimit;
  await recording(work, async (tx) => {
    await tx.ops.update({ ...told.op, state: 'abandoned', settledAt: at });
    const quarantined = { state: 'quarantined', stateSince: at, stateReason: message } as const;
    await tx.links.update({
      ...told.link,
      failures,
      lastError: { code, message, at },
      ...(aside ? quarantined : {}),
    });
    if (aside) await clear(tx, told.link);
    else await redue(tx, told.link, until ?? later(work, backoffMs(work, failures)));
    await tx.runs.addItems([item(work, told, 'failed', { code, message })]);
  });
  work.tally.add('failed');
}

function writeOf({ link, op, parent }: Told): IssueWrite {
  const { issue } = op.payload;
  const labels = keysOf(issue).flatMap((key) =>
    isLabelKey(key) && issue[key] !== null ? [key.slice('label:'.length)] : [],
  );
  const severity = issue.severity ?? null;
  const priority = issue.priority ?? null;
  return {
    kind: 'create',
    title: issue.title ?? '',
    block: { mark: op.payload.mark, text: issue.block ?? '' },
    labels: severity === null ? labels : [...labels, severity],
    ...(priority === null ? {} : { priority }),
    ...(parent?.kind === 'child' ? { parent: parent.issue } : {}),
    ...(link.role === 'parent' ? { isParent: true } : {}),
  };
}

function intentOf(work: Work, { link, key, payload }: Draft): Op {
  return {
    id: work.parts.chance.uuid(),
    linkId: link.id,
    integrationId: link.integrationId,
    kind: 'create',
    runId: work.run.id,
    epoch: work.lease.current().epoch,
    payload: { ...payload, mark: markText({ linkId: link.id, key: keyFingerprint(key) }, work.markKey) },
    state: 'open',
    absences: 0,
    createdAt: nowOf(work),
  };
}

/** Replace whatever due time the link has by this one. */
async function redue(tx: Tx, link: Link, dueAt: string): Promise<void> {
  await tx.dirty.defer(link.integrationId, link.id, dueAt);
}

async function clear(tx: Tx, link: Link): Promise<void> {
  const marks = await tx.dirty.of(link.integrationId, [link.id]);
  await tx.dirty.clear(link.integrationId, marks);
}

function item(
  work: Work,
  told: Pick<Told, 'link'>,
  outcome: RunItem['outcome'],
  reason?: RunItem['reason'],
): RunItem {
  return {
    runId: work.run.id,
    linkId: told.link.id,
    ...threatOf(told.link),
    outcome,
    fields: [],
    ...(reason === undefined ? {} : { reason }),
    at: nowOf(work),
  };
}
