import { onDatabaseTime } from './clocks.ts';
import { AppError, messageOf, TrackerError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import type { Run, Trigger } from '../domain/run.ts';
import { nextSlot } from '../domain/schedule.ts';
import type { Lease } from '../ports/store.ts';
import { approvalOf } from './approval.ts';
import { boundFilter } from './bound-filter.ts';
import { hasCandidates } from './candidates.ts';
import { cancelRun, finishRun, newRun, rest, startRun } from './run-record.ts';
import { whileLeased } from './leased.ts';
import { Parked } from './parked.ts';
import type { Parts } from './parts.ts';
import { pass, type PassKind } from './pass.ts';
import { restAfter } from './rest-after.ts';
import { noticeRewind } from './rewind.ts';
import { installationKey, integrationOf, openSession } from './session.ts';
import { undoPass } from './undo-pass.ts';
import { pausedUntil, WriteBreaker } from './write-breaker.ts';
import { keepLease, type LeaseKeeper, Tally, type Work } from './work.ts';

export interface Stops {
  /** Aborted when the service stops: no new item. */
  stop: AbortSignal;
  /** Aborted when stopping takes too long: ends calls under way. */
  hard: AbortSignal;
}

/** How a piece of work on an integration ended. */
export interface WorkEnd {
  lease: Lease;
  nextDueAt: string | null;
  /** The tracker or the settings stood in the way: the next try waits longer. */
  failed: boolean;
}

/** Work one claimed integration: decide why, run, and say when it is due next. Throws only when the lease or the store is gone. */
export async function workIntegration(
  house: Parts,
  claimed: Lease,
  failedBefore: number,
  stops: Stops,
): Promise<WorkEnd> {
  // How old the claim is, is told by the machine; all the rest goes by the database's time.
  const keeper = keepLease(house, claimed);
  const parts = onDatabaseTime(house, claimed);
  await noticeRewind(parts, claimed.tenantId);
  const tenant = parts.store.tenant(claimed.tenantId);
  const integration = await tenant.transact((tx) => tx.integrations.get(claimed.integrationId));
  if (integration === undefined || !integration.enabled) await cancelRun(parts, keeper);
  if (integration === undefined) return { lease: keeper.current(), nextDueAt: null, failed: false };
  const resting = restUntil(parts, integration);
  if (resting !== undefined) return { lease: keeper.current(), nextDueAt: resting, failed: false };
  const run = await reasonToRun(parts, claimed.tenantId, integration);
  const due = await scheduleNext(parts, claimed.tenantId, integration, run);
  if (run === undefined)
    return { lease: keeper.current(), nextDueAt: await nextDue(parts, claimed, due), failed: false };
  const end = await runOnce(parts, keeper, integration, run, stops);
  if (end.kind === 'done')
    return { lease: keeper.current(), nextDueAt: await nextDue(parts, claimed, due), failed: false };
  if (end.kind === 'parked') return { lease: keeper.current(), nextDueAt: end.resumeAt, failed: false };
  const wait = parts.timings.retryFirstMs * 2 ** Math.min(failedBefore, 10);
  const retryAt = parts.clock.now().getTime() + Math.min(wait, parts.timings.retryMaxMs);
  return { lease: keeper.current(), nextDueAt: new Date(retryAt).toISOString(), failed: true };
}

/** When to look again at an integration that is not to be worked; null = when it is enabled. What is due stays due. */
function restUntil(parts: Parts, { enabled }: Integration): string | null | undefined {
  if (!enabled) return null;
  if (!parts.paused) return undefined;
  return new Date(parts.clock.now().getTime() + parts.timings.retryFirstMs).toISOString();
}

/** The run that waits or goes on, or a new one where the schedule, a dirty link or a new threat asks for it. */
async function reasonToRun(
  parts: Parts,
  tenantId: string,
  integration: Integration,
): Promise<Run | undefined> {
  return parts.store.tenant(tenantId).transact(async (tx) => {
    const active = await tx.runs.active(integration.id);
    if (active !== undefined) return active;
    const trigger = await whyNow();
    if (trigger === undefined) return undefined;
    const run = newRun(parts, integration.id, trigger, 'sync');
    await tx.runs.insert(run);
    return run;

    async function whyNow(): Promise<Trigger | undefined> {
      const now = parts.clock.now().toISOString();
      const { syncIntervalMinutes, nextPollAt } = integration;
      if (syncIntervalMinutes !== null && nextPollAt !== undefined && nextPollAt <= now) return 'schedule';
      const dirty = await tx.dirty.due(integration.id, 1, now);
      if (dirty[0] !== undefined) return dirty[0].reason === 'issue' ? 'webhook' : 'model';
      if (integration.state === 'new') return undefined;
      const last = (await tx.runs.last(integration.id))?.state;
      // Whatever stood in its way may be mended: only a run that goes through shows it.
      if (last === 'failed') return 'schedule';
      const filter = await boundFilter(tx, integration.filter);
      if (filter === undefined) return undefined;
      if (last === 'needs-confirmation') return undefined;
      return (await hasCandidates(tx, integration, filter)) ? 'model' : undefined;
    }
  });
}

/** Keeps the next slot of the schedule; a run that reads the tracker's changes moves it on. */
async function scheduleNext(
  parts: Parts,
  tenantId: string,
  integration: Integration,
  run: Run | undefined,
): Promise<string | null> {
  const { syncIntervalMinutes, nextPollAt } = integration;
  if (syncIntervalMinutes === null) return null;
  const now = parts.clock.now();
  const current = nextPollAt !== undefined && nextPollAt > now.toISOString();
  if (current && (run === undefined || !polls(run))) return nextPollAt;
  const slot = nextSlot(integration.id, syncIntervalMinutes, now);
  await parts.store
    .tenant(tenantId)
    .transact((tx) => tx.integrations.note(integration.id, { nextPollAt: slot }));
  return slot;
}

function polls(run: Run): boolean {
  return run.trigger === 'schedule' || run.trigger === 'manual' || run.full;
}

async function nextDue(parts: Parts, lease: Lease, scheduled: string | null): Promise<string | null> {
  const { dirty, waiting, refused } = await parts.store.tenant(lease.tenantId).transact(async (tx) => ({
    dirty: await tx.dirty.nextDueAt(lease.integrationId),
    waiting: await tx.runs.active(lease.integrationId),
    refused: (await tx.integrations.get(lease.integrationId))?.refusedWrites,
  }));
  // Runs are worked one after the other.
  if (waiting !== undefined) return AT_ONCE;
  // Issues that wait to be made have no mark.
  const writesAgain = pausedUntil(refused, parts.clock.now()) ?? null;
  const times = [scheduled, dirty, writesAgain].filter((time) => time !== null);
  return times.toSorted()[0] ?? null;
}

/** Due by any clock: the database's may be behind ours. */
const AT_ONCE = '1970-01-01T00:00:00.000Z';

type RunEnd = { kind: 'done' } | { kind: 'parked'; resumeAt: string } | { kind: 'failed' };

async function runOnce(
  parts: Parts,
  lease: LeaseKeeper,
  integration: Integration,
  queued: Run,
  stops: Stops,
): Promise<RunEnd> {
  const { tenantId } = lease.current();
  const run = await startRun(parts, lease, queued);
  let work: Work | undefined;
  try {
    const opened = await openSession(whileLeased(parts, lease), tenantId, integration);
    const isAsked = run.trigger === 'manual' && queued.startedAt === undefined;
    const session = { ...opened, calls: () => run.calls + opened.calls() };
    work = {
      parts,
      session,
      lease,
      markKey: await installationKey(parts),
      stop: stops.stop,
      sliceEndsAt: parts.clock.now().getTime() + parts.timings.sliceMs,
      signal: stops.hard,
      writes: new WriteBreaker(parts, lease, integration, isAsked),
      tally: new Tally(run),
      run,
      approved: run.trigger === 'manual' || integration.autoApply,
    };
    await runPasses(work);
    return { kind: 'done' };
  } catch (error) {
    if (await accessRenewed(parts, work, queued, error)) {
      await rest(parts, lease, { ...run, waiting: RENEWED });
      return { kind: 'parked', resumeAt: AT_ONCE };
    }
    return await endEarly(parts, lease, integration, work, run, error);
  }
}

const RENEWED = 'The tracker refused the access; it was renewed.';

/** Access may end before its time: renewed once, and the run goes on; refused again, a person must connect again. */
async function accessRenewed(
  parts: Parts,
  work: Work | undefined,
  queued: Run,
  error: unknown,
): Promise<boolean> {
  const isRefused = error instanceof TrackerError && error.code === 'tracker-unauthorized';
  if (!isRefused || work?.session.connection.renewal === undefined || queued.waiting === RENEWED)
    return false;
  try {
    await openSession(parts, work.session.tenantId, work.session.integration, 'renewed');
    return true;
  } catch (renewing) {
    parts.log.warn({ error: messageOf(renewing) }, 'refused access could not be renewed');
    return false;
  }
}

/** One pass, and another for each sync that joined meanwhile. */
async function runPasses(work: Work): Promise<void> {
  const { parts, session } = work;
  const tenant = parts.store.tenant(session.tenantId);
  const sweepDue = isSweepDue(parts, session.integration);
  for (;;) {
    // A sync that joined may have brought a plan, or the consent that makes a new integration active.
    const { planId, items } = work.run.approval ?? {};
    const plan = planId === undefined ? undefined : await tenant.transact((tx) => tx.plans.get(planId));
    const integration = await tenant.transact((tx) => integrationOf(tx, session.integration.id));
    work.session = {
      ...work.session,
      integration: plan === undefined && work.run.undoes === undefined ? integration : consented(integration),
    };
    work.approved = work.run.trigger === 'manual' || integration.autoApply;
    const full = work.run.full || (polls(work.run) && sweepDue && work.run.passes === 0);
    const approval: Pick<PassKind, 'approval'> =
      plan === undefined ? {} : { approval: approvalOf(plan, items) };
    const { undoes } = work.run;
    const held =
      undoes === undefined
        ? await pass(work, { poll: polls(work.run), full, ...approval })
        : await undoPass(work, undoes, approval.approval);
    if (await finishRun(work, held)) return;
  }
}

/** A person chose items of a new integration's plan, or takes them back: this run writes those, and the integration stays as it is. */
function consented(integration: Integration): Integration {
  return integration.state === 'new' ? { ...integration, state: 'active' } : integration;
}

function isSweepDue(parts: Parts, integration: Integration): boolean {
  if (integration.state === 'new') return false;
  const last = integration.lastSweepAt ?? integration.createdAt;
  return parts.clock.now().getTime() - Date.parse(last) >= parts.timings.sweepMs;
}

async function endEarly(
  parts: Parts,
  lease: LeaseKeeper,
  integration: Integration,
  work: Work | undefined,
  run: Run,
  error: unknown,
): Promise<RunEnd> {
  if (error instanceof AppError && error.code === 'lease-lost') throw error;
  const current = work === undefined ? run : { ...work.run, ...work.tally.soFar() };
  const calls = work?.session.calls() ?? run.calls;
  const now = parts.clock.now().toISOString();
  const waitsUntil = resumeAtOf(error);
  if (waitsUntil !== undefined) {
    await rest(parts, lease, {
      ...current,
      calls,
      ...(waitsUntil > now ? { waiting: messageOf(error) } : {}),
    });
    return { kind: 'parked', resumeAt: waitsUntil };
  }
  const code = error instanceof AppError ? error.code : 'internal';
  if (!(error instanceof AppError))
    parts.log.error(
      { integrationId: integration.id, error: error instanceof Error ? error.stack : error },
      'run failed',
    );
  parts.meters.error(code);
  await restAfter(parts, lease, integration, { ...current, calls }, { code, message: messageOf(error) });
  return { kind: 'failed' };
}

/** When a parked or rate-limited run goes on; undefined = it did not park. */
function resumeAtOf(error: unknown): string | undefined {
  if (error instanceof Parked) return error.resumeAt ?? AT_ONCE;
  if (error instanceof TrackerError && error.code === 'tracker-rate-limited') return error.resumeAt;
  return undefined;
}
