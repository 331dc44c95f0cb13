import { NO_COUNTS, type Run, type Trigger } from '../domain/run.ts';
import type { Tx } from '../ports/repositories.ts';
import type { HeldBack } from './held-back.ts';
import type { Parts } from './parts.ts';
import { planOf, recentWork } from './planning.ts';
import { integrationOf } from './session.ts';
import { unmetItems } from './unmet.ts';
import { later, nowOf, recording, type LeaseKeeper, type Work } from './work.ts';
import { signedBy } from './signed-by.ts';
import type { Caller } from './use-cases.ts';

/** A run that waits to be worked. */
export function newRun(
  parts: Pick<Parts, 'clock' | 'chance'>,
  integrationId: string,
  trigger: Trigger,
  requestedBy: string,
): Run {
  return {
    id: parts.chance.uuid(),
    integrationId,
    trigger,
    state: 'queued',
    full: false,
    passes: 0,
    passesWanted: 1,
    progress: { done: 0, total: 0 },
    counts: { ...NO_COUNTS },
    calls: 0,
    requestedBy,
    createdAt: parts.clock.now().toISOString(),
  };
}

/** Writes down who wanted the run. */
export async function recordAsked(
  tx: Tx,
  caller: Caller,
  { id: runId, integrationId }: Run,
  at: string,
  note?: string,
): Promise<void> {
  await tx.journal.add([
    {
      at,
      ...signedBy(caller),
      action: 'sync-asked',
      runId,
      integrationId,
      ...(note === undefined ? {} : { note }),
    },
  ]);
}

/** The run begins, or goes on after it was parked; with what a sync asked for that joined it since it was looked up. */
export async function startRun(parts: Parts, lease: LeaseKeeper, queued: Run): Promise<Run> {
  const at = parts.clock.now().toISOString();
  const { waiting: _, ...going } = queued;
  return parts.store.tenant(lease.current().tenantId).transact(async (tx) => {
    await tx.integrations.hold(lease.current());
    const startedAt = queued.startedAt ?? at;
    const run: Run = { ...(await withJoined(tx, going)), state: 'running', startedAt };
    await tx.runs.update(run);
    if (queued.startedAt !== undefined) return run;
    const data = { integrationId: run.integrationId, runId: run.id, trigger: run.trigger };
    await tx.events.add([{ type: 'sync:started', subject: run.id, data }], at);
    return run;
  });
}

/** The integration was disabled or deleted: what its runs have done stays, the rest is not done. */
export async function cancelRun(parts: Parts, lease: LeaseKeeper): Promise<void> {
  const { tenantId, integrationId } = lease.current();
  await parts.store.tenant(tenantId).transact(async (tx) => {
    await tx.integrations.hold(lease.current());
    const finishedAt = parts.clock.now().toISOString();
    for (;;) {
      const active = await tx.runs.active(integrationId);
      if (active === undefined) return;
      await tx.runs.update({ ...active, state: 'cancelled', finishedAt });
    }
  });
}

/** The run stops here and goes on later. */
export async function rest(parts: Parts, lease: LeaseKeeper, run: Run): Promise<void> {
  await parts.store.tenant(lease.current().tenantId).transact(async (tx) => {
    await tx.integrations.hold(lease.current());
    await tx.runs.update(await withJoined(tx, run));
  });
}

/** The run as the worker has it, with what a sync that joined it meanwhile asked for. The lease's row must be locked. */
export async function withJoined(tx: Tx, run: Run): Promise<Run> {
  const stored = await tx.runs.get(run.id);
  if (stored === undefined) return run;
  const { approval, full, passesWanted, trigger } = stored;
  return { ...run, full, passesWanted, trigger, ...(approval === undefined ? {} : { approval }) };
}

/**
 * A pass is over. True: so is the run, `completed`, or `needs-confirmation` with the plan of what it held back. False:
 * another sync joined meanwhile and wants one more pass.
 */
export async function finishRun(work: Work, held: HeldBack): Promise<boolean> {
  const at = nowOf(work);
  const finished = await recording(work, async (tx) => {
    const passes = work.run.passes + 1;
    const run: Run = {
      ...(await withJoined(tx, work.run)),
      passes,
      ...work.tally.soFar(),
      calls: work.session.calls(),
    };
    work.run = run;
    if (passes < run.passesWanted) {
      await tx.runs.update(run);
      return false;
    }
    work.run = await conclude(work, tx, run, held, at);
    return true;
  });
  if (finished) {
    const { startedAt, state } = work.run;
    const seconds = (Date.parse(at) - Date.parse(startedAt ?? at)) / 1000;
    work.parts.meters.runFinished(work.session.integration.provider, state, seconds);
  }
  return finished;
}

async function conclude(work: Work, tx: Tx, run: Run, held: HeldBack, at: string): Promise<Run> {
  const unmet = await unmetItems(tx, run, held, at);
  await tx.runs.addItems(unmet);
  const asks = held.items.length > 0;
  const planId = asks ? await keepPlan(work, tx, held, at) : undefined;
  const done: Run = {
    ...run,
    counts: { ...run.counts, skipped: run.counts.skipped + unmet.length },
    state: asks ? 'needs-confirmation' : 'completed',
    finishedAt: at,
    ...(planId === undefined ? {} : { planId }),
    ...(held.reasons.length === 0 ? {} : { waiting: held.reasons.join(' ') }),
  };
  await tx.runs.update(done);
  await recover(work, tx, held, at);
  // An undo looks at its own links only: what a delivery was about is still to be done.
  if (run.undoes === undefined) await concludeDeliveries(tx, run, at);
  const data = {
    integrationId: run.integrationId,
    runId: run.id,
    state: done.state,
    counts: done.counts,
    calls: done.calls,
  };
  await tx.events.add([{ type: 'sync:completed', subject: run.id, data }], at);
  return done;
}

async function keepPlan(work: Work, tx: Tx, held: HeldBack, at: string): Promise<string> {
  const { integration, connection } = work.session;
  const recent = await recentWork(tx, integration.id, later(work, -work.parts.timings.brakeWindowMs));
  const made = { id: work.parts.chance.uuid(), at, perMinute: connection.capabilities.createsPerMinute };
  const { undoes } = work.run;
  const plan = {
    ...planOf(integration, held.items, recent, made),
    ...(undoes === undefined ? {} : { undoes }),
  };
  await tx.plans.save(plan);
  return plan.id;
}

/** A run that went through proves that credentials and project work again; a brake shows in the state. */
async function recover(work: Work, tx: Tx, held: HeldBack, at: string): Promise<void> {
  const integration = await integrationOf(tx, work.session.integration.id);
  const braked = held.reasons.length > 0 && held.items.length > 0;
  if (integration.state === 'new') return;
  // What was held back still waits for its yes, though this run has met nothing of it.
  const waits = integration.state === 'braked' && (await tx.dirty.count(integration.id)) > 0;
  const state = braked || waits ? 'braked' : 'active';
  if (state === integration.state) return;
  await tx.integrations.note(integration.id, { state, stateSince: at, stateReason: held.reasons.join(' ') });
}

async function concludeDeliveries(tx: Tx, run: Run, at: string): Promise<void> {
  const open = await tx.deliveries.unprocessed(run.integrationId, 1000);
  // The door stamps them by its machine's clock: what is stamped later than now came before.
  const worked = open.filter(({ receivedAt }) => receivedAt <= (run.startedAt ?? at) || receivedAt > at);
  for (const delivery of worked) await tx.deliveries.conclude(delivery.id, 'processed', at);
  await tx.events.add(
    worked.map((delivery) => ({
      type: 'webhook:processed',
      subject: delivery.id,
      data: {
        integrationId: run.integrationId,
        deliveryId: delivery.deliveryId,
        event: delivery.event,
        runId: run.id,
      },
    })),
    at,
  );
}
