import type { Mapping } from '../domain/integration.ts';
import type { Issue, Unwritten, WriteOutcome } from '../domain/issue.ts';
import { type FieldValues, type Op, threatOf } from '../domain/link.ts';
import type { Step } from '../domain/plan.ts';
import type { RunItem } from '../domain/run.ts';
import { heldByResolution } from '../domain/status-words.ts';
import { isLabelKey, issueValues } from '../domain/values.ts';
import type { Dirty } from '../ports/repositories.ts';
import { keepOverruled } from './record-conflicts.ts';
import { sendComments } from './comments.ts';
import { type Doubt, doubtsAbout } from './doubts.ts';
import type { Decided } from './gather.ts';
import { type Done, MovedMeanwhile, record } from './record.ts';
import { eachThenPark, Parked, parkIfAsked } from './parked.ts';
import { withAuthors } from './authors.ts';
import { opOf, pushesOf, writeOf } from './told-write.ts';
import { wordsOfPause } from './write-breaker.ts';
import { backoffMs, later, nowOf, recording, type Work } from './work.ts';

/** One decided pair on its way to the tracker. */
interface Job {
  decided: Decided;
  taken: Dirty | undefined;
  op?: Op;
}

/** Carry out what was decided: ops first, then the writes in batches of the tracker's size, then one record each. */
export async function apply(
  work: Work,
  decided: readonly Decided[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<void> {
  const told = await withAuthors(work, decided);
  const jobs = told.map((each): Job => ({ decided: each, taken: taken.get(each.pair.link.id) }));
  for (const job of jobs.filter((each) => pushesOf(each.decided).length === 0))
    await recordJob(work, job, undefined);
  const { writesPerRequest, updatesPerLookBack = 1 } = work.session.connection.capabilities;
  const writing = inOrder(
    work,
    jobs.filter((each) => pushesOf(each.decided).length > 0),
  );
  for (let from = 0; from < writing.length;) {
    parkIfAsked(work);
    const until = work.writes.pausedUntil();
    if (until !== undefined) {
      for (const job of writing.slice(from)) await recordUnwritten(work, job, until);
      return;
    }
    const size = work.writes.most(Math.max(writesPerRequest, updatesPerLookBack));
    await writeBatch(work, writing.slice(from, from + size));
    from += size;
  }
}

/** Where a single write is tried, it is one that was not refused before. */
function inOrder(work: Work, jobs: readonly Job[]): readonly Job[] {
  const wasRefused = (job: Job): boolean => work.writes.wasRefused(job.decided.issue.ref.id);
  return work.writes.isOpen ? jobs.toSorted((one, other) => +wasRefused(one) - +wasRefused(other)) : jobs;
}

/** Writes pause: what the issue says is taken over, what it shall say waits. */
async function recordUnwritten(work: Work, job: Job, until: string): Promise<void> {
  const { decided } = job;
  try {
    await conclude(work, job, {
      ...withoutPushes(decided),
      link: { failures: decided.pair.link.failures },
      item: { outcome: 'parked', reason: { code: 'writes-paused', message: wordsOfPause(until) } },
      againAt: { at: until, reason: 'retry' },
    });
  } catch (error) {
    if (!(error instanceof MovedMeanwhile)) throw error;
    await tryAgain(work, job, later(work, 0));
  }
}

function withoutPushes(decided: Decided): Pick<Done, 'steps' | 'issue' | 'mappingVersion'> {
  const steps = decided.steps.filter((step) => step.kind !== 'push');
  return { steps, issue: decided.issue, ...keptVersion(decided) };
}

async function writeBatch(work: Work, batch: readonly Job[]): Promise<void> {
  await work.lease.ensure();
  const told = batch.map((job): Job & { op: Op } => ({ ...job, op: opOf(work, job.decided) }));
  await recording(work, async (tx) => {
    const at = nowOf(work);
    for (const { op, decided } of told) {
      await tx.ops.insert(op);
      await tx.events.add(await keepOverruled(work, tx, decided, at), at);
    }
  });
  const outcomes = await work.writes.send(
    work.session.tracker,
    told.map(({ decided }) => writeOf(work, decided)),
    work.signal,
  );
  const doubts = await doubtsAbout(
    work,
    told.flatMap(({ decided, op }, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === 'written' ? [{ decided, op, after: outcome.issue }] : [];
    }),
  );
  await eachThenPark(told.entries(), ([index, job]) =>
    recordJob(
      work,
      job,
      doubts.get(job.op.id) ?? outcomes[index] ?? { kind: 'unknown', reason: 'The tracker gave no outcome.' },
    ),
  );
}

const CROSSED = 'Somebody edited the issue in the moment before our write: it is looked at again.';

/** Record what a write came to; `undefined` = there was nothing to write. */
async function recordJob(work: Work, job: Job, outcome: WriteOutcome | Doubt | undefined): Promise<void> {
  const { decided } = job;
  try {
    switch (outcome?.kind) {
      case undefined:
        return await conclude(work, job, {
          steps: decided.steps,
          issue: decided.issue,
          ...(decided.isPartial === undefined ? {} : keptVersion(decided)),
          item: itemFor(decided.steps),
        });
      case 'written':
        return await conclude(work, job, written(work, job, outcome));
      case 'stale':
        return await abandon(work, job, later(work, 0));
      case 'refused':
        return await refuse(work, job, outcome.code, outcome.reason);
      case 'crossed':
        return await setAsideUntil(work, job, later(work, 0), 'edited-meanwhile', CROSSED);
      case 'unknown': {
        // The op stays open: the issue is read again when the tracker has settled.
        const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
        return await setAsideUntil(work, job, later(work, settleMs), 'outcome-unknown', outcome.reason);
      }
      case 'later': {
        const resumeAt = outcome.resumeAt ?? later(work, backoffMs(work, 1));
        if (outcome.itemOnly === true) {
          await abandonOp(work, job);
          const soonest = later(work, backoffMs(work, 1));
          const dueAt = resumeAt > soonest ? resumeAt : soonest;
          return await setAsideUntil(work, job, dueAt, 'tracker-rate-limited', outcome.reason);
        }
        await abandon(work, job, resumeAt);
        throw new Parked('waiting', outcome.reason, outcome.resumeAt);
      }
    }
  } catch (error) {
    if (!(error instanceof MovedMeanwhile)) throw error;
    // What was written stands in the issue: its op stays open, so that it is known to be ours.
    if (outcome?.kind !== 'written') await abandonOp(work, job);
    await tryAgain(work, job, later(work, 0));
  }
}

async function conclude(work: Work, job: Job, done: Done): Promise<void> {
  const comments = await record(work, job.decided, job.taken, done);
  work.tally.add(done.item?.outcome ?? 'unchanged');
  await sendComments(work, done.issue, comments, false);
}

/** The write's fields stay as they are and wait for the next try; everything else of the link is recorded. */
async function refuse(work: Work, job: Job, code: string, reason: string): Promise<void> {
  const { decided } = job;
  // Where writes pause, the failure is not this link's.
  const until = work.writes.pausedUntil();
  const failures = decided.pair.link.failures + (until === undefined ? 1 : 0);
  const at = nowOf(work);
  const error = { code, message: reason };
  const aside = until === undefined && failures >= work.parts.timings.retryLimit;
  await abandonOp(work, job);
  await conclude(work, job, {
    ...withoutPushes(decided),
    link: {
      failures,
      lastError: { ...error, at },
      ...(aside
        ? { state: 'quarantined', stateSince: at, stateReason: `It was refused ${failures} times: ${reason}` }
        : {}),
    },
    item: { outcome: 'failed', reason: error },
    ...(aside ? {} : { againAt: { at: until ?? later(work, backoffMs(work, failures)), reason: 'retry' } }),
  });
}

function written(
  work: Work,
  { decided, op }: Job,
  outcome: Extract<WriteOutcome, { kind: 'written' }>,
): Done {
  const { integration, shape } = work.session;
  const issue = outcome.issue ?? decided.issue;
  const unwritten = [...(outcome.unwritten ?? []), ...held(decided, issue, integration.mapping)];
  const [stuck] = unwritten;
  const keys = decided.steps.map(({ field }) => field);
  const shown = issueValues(issue, integration.mapping, shape, keys);
  const steps = stuckSteps(decided.steps, unwritten, shown);
  const item = itemFor(steps);
  return {
    steps,
    issue: withComments(issue, decided),
    ...(op === undefined ? {} : { op }),
    ...(decided.isPartial === undefined ? {} : keptVersion(decided)),
    item: stuck === undefined ? item : { ...item, reason: { code: stuck.code, message: stuck.reason } },
  };
}

function held(decided: Decided, after: Issue, mapping: Mapping): Unwritten[] {
  const push = pushesOf(decided).find(({ field }) => field === 'status');
  if (push === undefined) return [];
  const reason = heldByResolution(push.to, decided.issue, after, mapping);
  return reason === undefined ? [] : [{ field: 'status', code: 'resolution-kept', reason }];
}

/** A push that was left out must be wanted again: the baselines keep the mapping they were agreed under. */
function keptVersion({ pair }: Decided): Pick<Done, 'mappingVersion'> {
  return pair.link.base === undefined ? {} : { mappingVersion: pair.link.base.mappingVersion };
}

/** What the tracker could not take as things are waits for another mapping, workflow or permission; the rest is done. */
function stuckSteps(steps: readonly Step[], unwritten: readonly Unwritten[], shown: FieldValues): Step[] {
  return steps.map((step) => {
    if (step.kind !== 'push') return step;
    const isLabel = isLabelKey(step.field) || step.field === 'severity';
    const found = unwritten.find((each) => each.field === (isLabel ? 'labels' : step.field));
    if (found === undefined) return step;
    const shows = shown[step.field] ?? null;
    return { kind: 'stuck', field: step.field, to: step.to, shows, reason: found.reason };
  });
}

/** This item alone waits; it is looked at again at that time. */
async function setAsideUntil(
  work: Work,
  job: Job,
  dueAt: string,
  code: 'outcome-unknown' | 'edited-meanwhile' | 'tracker-rate-limited',
  reason: string,
): Promise<void> {
  const { link } = job.decided.pair;
  await recording(work, async (tx) => {
    if (job.taken !== undefined) await tx.dirty.clear(link.integrationId, [job.taken]);
    await tx.dirty.mark(link.integrationId, [
      { linkId: link.id, reason: code === 'tracker-rate-limited' ? 'retry' : 'settle', dueAt },
    ]);
    const item: RunItem = {
      runId: work.run.id,
      linkId: link.id,
      ...threatOf(link),
      issueKey: job.decided.issue.ref.key,
      outcome: 'parked',
      fields: job.decided.steps.map((step) => step.field),
      reason: { code, message: reason },
      at: nowOf(work),
    };
    await tx.runs.addItems([item]);
  });
  work.tally.add('parked');
}

/** Nothing was written: look again. */
async function abandon(work: Work, job: Job, dueAt: string): Promise<void> {
  await abandonOp(work, job);
  await tryAgain(work, job, dueAt);
}

async function tryAgain(work: Work, job: Job, dueAt: string): Promise<void> {
  const { link } = job.decided.pair;
  await recording(work, (tx) =>
    tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'retry', dueAt }]),
  );
  work.tally.add('parked');
}

async function abandonOp(work: Work, job: Job): Promise<void> {
  const { op } = job;
  if (op === undefined) return;
  await recording(work, (tx) => tx.ops.update({ ...op, state: 'abandoned', settledAt: nowOf(work) }));
}

/** A write's answer does not always carry the comments that were read before it. */
function withComments(issue: Decided['issue'], { issue: read }: Decided): Decided['issue'] {
  return issue.comments !== undefined || read.comments === undefined
    ? issue
    : { ...issue, comments: read.comments };
}

function itemFor(steps: readonly Step[]): NonNullable<Done['item']> {
  const kinds = new Set(steps.map((step) => step.kind));
  if (kinds.has('conflict') || kinds.has('question')) return { outcome: 'conflict' };
  if (kinds.has('push') || kinds.has('restored')) return { outcome: 'pushed' };
  if (kinds.has('pull')) return { outcome: 'pulled' };
  return { outcome: 'skipped' };
}
