import { AppError } from '../domain/errors.ts';
import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Run } from '../domain/run.ts';
import type { Integration } from '../domain/integration.ts';
import type { Tx } from '../ports/repositories.ts';
import { approvalOf, hasWrites } from './approval.ts';
import type { Parts } from './parts.ts';
import type { Caller, SyncCases, SyncRequest } from './use-cases.ts';
import { planNow } from './plan-now.ts';
import { BOUND_STATES } from './poll.ts';
import { refuseResting } from './resting.ts';
import { newRun, recordAsked } from './run-record.ts';
import { integrationOf } from './session.ts';

const FINISHED: ReadonlySet<Run['state']> = new Set([
  'completed',
  'failed',
  'needs-confirmation',
  'cancelled',
]);
const LOOK_MS = 100;

/** Runs: started by a person, joined when one is going on, watched until they end. */
export function syncCases(parts: Parts): SyncCases {
  const { store, clock } = parts;

  async function start(caller: Caller, integrationId: string, request: SyncRequest): Promise<Run> {
    const run = await store.tenant(caller.tenantId).transact(async (tx) => {
      const integration = await integrationOf(tx, integrationId);
      refuseResting(parts, integration);
      await refuseOutdatedPlan(tx, integration, request);
      // Locks the lease's row first, as the worker does that keeps its progress in the same run.
      await tx.integrations.wake(integrationId);
      const plan = request.planId === undefined ? undefined : await tx.plans.get(request.planId);
      const active = plan?.undoes === undefined ? await activeSync(tx, integrationId) : undefined;
      const started =
        active === undefined ? fresh(caller, integration, request, plan) : joined(active, request);
      if (active === undefined) await tx.runs.insert(started);
      else await tx.runs.update(started);
      await recordAsked(tx, caller, started, clock.now().toISOString(), consentOf(request));
      await approve(tx, integration, request);
      return started;
    });
    parts.bus.wake();
    return run;
  }

  function fresh(caller: Caller, integration: Integration, request: SyncRequest, plan?: Plan): Run {
    const undoes = plan?.undoes;
    const run = newRun(parts, integration.id, undoes === undefined ? 'manual' : 'undo', caller.actor);
    return {
      ...run,
      ...(undoes === undefined ? {} : { undoes }),
      full: request.full ?? false,
      ...approved(request),
    };
  }

  /**
   * What a person approves: the first explicit sync makes a new integration active, unless it leaves some of a plan out; held
   * links are due again.
   */
  async function approve(tx: Tx, integration: Integration, request: SyncRequest): Promise<void> {
    const plan = request.planId === undefined ? undefined : await tx.plans.get(request.planId);
    const approval = plan && approvalOf(plan, request.items);
    const isWhole = approval === undefined || approval.left.size === 0;
    if ((integration.state === 'new' && isWhole) || integration.state === 'braked') {
      const stateSince = clock.now().toISOString();
      await tx.integrations.note(integration.id, { state: 'active', stateSince, stateReason: '' });
    }
    const held =
      plan === undefined || approval === undefined
        ? await heldWhileNew(tx, integration)
        : linksOf(request.items === undefined ? plan.items : [...approval.chosen.values()]);
    await tx.dirty.mark(
      integration.id,
      held.map((linkId) => ({ linkId, reason: 'retry' })),
    );
  }

  return {
    start,
    async wait(caller, runId, ms, signal) {
      const until = clock.now().getTime() + ms;
      for (;;) {
        const run = await runOf(parts, caller, runId);
        if (FINISHED.has(run.state) || clock.now().getTime() >= until) return run;
        await clock.sleep(LOOK_MS, signal);
      }
    },
    plan: (caller, integrationId, signal) => planNow(parts, caller, integrationId, signal),
    runs: (caller, integrationId, query) =>
      store.tenant(caller.tenantId).transact(async (tx) => {
        await integrationOf(tx, integrationId);
        return tx.runs.list({ ...query, integrationId });
      }),
    run: (caller, runId) => runOf(parts, caller, runId),
    async items(caller, runId, query) {
      await runOf(parts, caller, runId);
      return store.tenant(caller.tenantId).transact((tx) => tx.runs.items(runId, query));
    },
  };
}

async function runOf(parts: Parts, caller: Caller, runId: string): Promise<Run> {
  const run = await parts.store.tenant(caller.tenantId).transact((tx) => tx.runs.get(runId));
  if (run === undefined) throw new AppError('not-found', `There is no run ${runId}.`);
  return run;
}

function approved(request: SyncRequest): Pick<Run, 'approval'> {
  const { items, planId } = request;
  const creates = request.confirm?.creates;
  if (planId === undefined && creates === undefined) return {};
  return {
    approval: {
      ...(planId === undefined ? {} : { planId }),
      ...(items === undefined ? {} : { items }),
      ...(creates === undefined ? {} : { creates }),
    },
  };
}

/** The run that a sync may join: an undo does other things, and ends by itself. */
async function activeSync(tx: Tx, integrationId: string): Promise<Run | undefined> {
  const oldest = await tx.runs.active(integrationId);
  if (oldest?.undoes === undefined) return oldest;
  const { items } = await tx.runs.list({ integrationId, state: 'queued', limit: 100 });
  return items.findLast(({ undoes }) => undoes === undefined);
}

/** A sync that meets a running one makes it do one more pass before it completes. */
function joined(active: Run, request: SyncRequest): Run {
  return {
    ...active,
    trigger: 'manual',
    full: active.full || (request.full ?? false),
    passesWanted: active.state === 'running' ? active.passes + 2 : active.passesWanted,
    ...approved(request),
  };
}

async function refuseOutdatedPlan(tx: Tx, integration: Integration, request: SyncRequest): Promise<void> {
  if (request.planId === undefined) {
    if (request.items === undefined) return;
    throw new AppError('unprocessable', 'Items are chosen from a plan: say which with planId.', {
      faults: [{ pointer: '/planId', detail: 'is needed where items are named' }],
    });
  }
  const plan = await tx.plans.get(request.planId);
  if (plan === undefined || plan.integrationId !== integration.id)
    throw new AppError('not-found', `This integration has no plan ${request.planId}.`);
  if (plan.mappingVersion !== integration.mapping.version)
    throw new AppError('plan-outdated', 'The mapping was changed after this plan was made: plan again.');
  refuseUnknownItems(plan, request.items ?? []);
  const active = await tx.runs.active(integration.id);
  if (active?.approval?.planId !== undefined)
    throw new AppError(
      'run-in-progress',
      `Run ${active.id} is applying another plan; wait until it has ended.`,
    );
}

function refuseUnknownItems(plan: Plan, items: readonly string[]): void {
  const known = new Map(plan.items.map((item) => [item.id, item]));
  const faults = items.flatMap((id, index) => {
    const item = known.get(id);
    if (item !== undefined && hasWrites(item)) return [];
    const why = item?.skip === undefined ? '' : `: ${item.skip.message}`;
    const detail =
      item === undefined
        ? `"${id}" is no item of plan ${plan.id}`
        : `"${id}" has nothing to write in this plan${why}`;
    return [{ pointer: `/items/${index}`, detail }];
  });
  if (faults.length === 0) return;
  throw new AppError(
    'unprocessable',
    `${faults.length} of the ${items.length} chosen items cannot be applied: ${faults[0]?.detail ?? ''}.`,
    { faults },
  );
}

function linksOf(items: readonly PlanItem[]): string[] {
  return items.flatMap(({ linkId }) => (linkId === undefined ? [] : [linkId]));
}

/** A new integration has links only where items of a plan were chosen; what came for them since was held back. */
async function heldWhileNew(tx: Tx, { id, state }: Integration): Promise<readonly string[]> {
  return state === 'new' ? tx.links.idsOf(id, [...BOUND_STATES, 'creating']) : [];
}

/** What a person says yes to with it, for the journal. */
function consentOf({ planId, items }: SyncRequest): string | undefined {
  if (planId === undefined) return undefined;
  return items === undefined
    ? `Approves plan ${planId}.`
    : `Approves ${items.length} items of plan ${planId}.`;
}
