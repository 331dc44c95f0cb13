import { baseOfCreate } from '../domain/advance.ts';
import { isLabelKey, keysOf, put, threatValues } from '../domain/values.ts';
import type { Issue, IssueWrite, WriteOutcome } from '../domain/issue.ts';
import type { FieldValues, Link, Op } from '../domain/link.ts';
import { keyFingerprint, markText } from '../domain/mark.ts';
import type { RunItem } from '../domain/run.ts';
import { isOpen, type Threat, type ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { eachThenPark, Parked, parkIfAsked } from './parked.ts';
import { shownOf } from './record.ts';
import { backoffMs, later, nowOf, recording, type Work } from './work.ts';

/** A threat that shall get an issue; `link` when it was told before. */
export interface Wish {
  threat: Threat;
  model: ThreatModel;
  link?: Link;
}

interface Told {
  link: Link;
  op: Op;
  threat: Threat;
}

/** Create issues: told before done, one intent and one mark each, in batches of the tracker's size. */
export async function createIssues(work: Work, wishes: readonly Wish[]): Promise<void> {
  const size = work.session.connection.capabilities.writesPerRequest;
  for (let from = 0; from < wishes.length; from += size) {
    parkIfAsked(work);
    await work.lease.ensure();
    const told = await tell(work, wishes.slice(from, from + size));
    const outcomes = await work.session.tracker.write(told.map(writeOf), work.signal);
    await eachThenPark(told.entries(), ([index, each]) =>
      recordOutcome(
        work,
        each,
        outcomes[index] ?? { kind: 'unknown', reason: 'The tracker gave no outcome.' },
      ),
    );
  }
}

/** Commit the intents. From here on a crash leaves links in `creating`, whose issues are looked for by their mark. */
async function tell(work: Work, wishes: readonly Wish[]): Promise<Told[]> {
  const { host } = work.session.connection;
  return recording(work, async (tx) => {
    const told: Told[] = [];
    for (const wish of wishes) {
      const link = wish.link ?? newLink(work, wish.threat);
      if (wish.link === undefined) await tx.links.insert(link, host);
      const op = intentOf(work, link, wish);
      await tx.ops.insert(op);
      await tx.dirty.mark(link.integrationId, [
        { linkId: link.id, reason: 'settle', dueAt: later(work, work.parts.timings.leaseMs) },
      ]);
      told.push({ link, op, threat: wish.threat });
    }
    return told;
  });
}

async function recordOutcome(work: Work, told: Told, outcome: WriteOutcome): Promise<void> {
  switch (outcome.kind) {
    case 'written':
      if (outcome.issue === undefined)
        return setAside(work, told, 'tracker-nonsense', 'The tracker created an issue without naming it.');
      return bind(work, told, outcome.issue, 'created', outcome.warnings ?? []);
    case 'unknown':
      return recording(work, async (tx) => {
        const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
        await redue(tx, told.link, later(work, settleMs));
        await tx.runs.addItems([
          item(work, told, 'parked', { code: 'outcome-unknown', message: outcome.reason }),
        ]);
        work.tally.add('parked');
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
  told: Pick<Told, 'link' | 'op' | 'threat'>,
  issue: Issue,
  how: 'created' | 'adopted',
  warnings: readonly string[],
): Promise<void> {
  const at = nowOf(work);
  const { link, op } = told;
  await recording(work, async (tx) => {
    const current = await tx.links.get(link.id);
    await tx.ops.update({ ...op, state: 'done', settledAt: at });
    // A person detached it while it was being created: it stays detached, and the issue is theirs.
    if (current === undefined || current.state !== 'creating') return;
    const bound: Link = {
      ...current,
      state: 'linked',
      stateSince: at,
      issue: { ...issue.ref, url: issue.url },
      base: baseOfCreate(op.payload, work.session.integration.mapping.version),
      shown: shownOf(issue),
      failures: 0,
      syncedAt: at,
    };
    await tx.links.update(bound);
    await tx.journal.add([
      {
        at,
        actor: 'sync',
        action: how === 'created' ? 'issue-created' : 'issue-adopted',
        runId: work.run.id,
        integrationId: link.integrationId,
        linkId: link.id,
        threatId: link.threatId,
        after: issue.url,
        ...(warnings.length === 0 ? {} : { note: warnings.join(' ') }),
      },
    ]);
    const reason =
      warnings.length === 0 ? undefined : { code: 'tracker-warning', message: warnings.join(' ') };
    await tx.runs.addItems([{ ...item(work, told, how, reason), issueKey: issue.ref.key }]);
    await clear(tx, link);
    // What was edited between the create and its adoption is looked at again at once.
    if (how === 'adopted') await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'settle' }]);
  });
  work.tally.add(how);
}

/** It surely was not created: try again later, and set it aside after too many times. */
async function setAside(work: Work, told: Told, code: string, message: string): Promise<void> {
  const at = nowOf(work);
  const failures = told.link.failures + 1;
  const aside = failures >= work.parts.timings.retryLimit;
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
    else await redue(tx, told.link, later(work, backoffMs(work, failures)));
    await tx.runs.addItems([item(work, told, 'failed', { code, message })]);
  });
  work.tally.add('failed');
}

function writeOf({ op }: Told): IssueWrite {
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
  };
}

/** The status is not part of a create: an issue begins open. What a threat shows beyond that is pushed by the next step. */
function payloadOf(work: Work, wish: Wish): { threat: FieldValues; issue: FieldValues } {
  const { session } = work;
  const issue = put(wish.threat, wish.model, session.integration.mapping, session.shape);
  const threat = threatValues(wish.threat, session.shape);
  const isShown = issue.status === 'open';
  return {
    threat: isShown ? threat : { ...threat, status: null },
    issue: { ...issue, status: 'open' },
  };
}

function intentOf(work: Work, link: Link, wish: Wish): Op {
  return {
    id: work.parts.chance.uuid(),
    linkId: link.id,
    integrationId: link.integrationId,
    kind: 'create',
    epoch: work.lease.current().epoch,
    payload: {
      ...payloadOf(work, wish),
      mark: markText({ linkId: link.id, key: keyFingerprint(wish.threat.key) }, work.markKey),
    },
    state: 'open',
    absences: 0,
    createdAt: nowOf(work),
  };
}

function newLink(work: Work, threat: Threat): Link {
  const at = nowOf(work);
  return {
    id: work.parts.chance.uuid(),
    integrationId: work.session.integration.id,
    threatId: threat.id,
    role: 'threat',
    mitigationKey: '',
    state: 'creating',
    stateSince: at,
    fields: {},
    lastOpenStatus: isOpen(threat.status) ? threat.status : 'identified',
    closedByUs: false,
    failures: 0,
    version: 1,
    createdAt: at,
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
    threatId: told.link.threatId,
    outcome,
    fields: [],
    ...(reason === undefined ? {} : { reason }),
    at: nowOf(work),
  };
}
