import { brakesFor } from '../domain/brakes.ts';
import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import type { Plan, Step } from '../domain/plan.ts';
import type { Run } from '../domain/run.ts';
import type { RunChange } from '../domain/run-change.ts';
import { sentenceOfUndo } from '../domain/undo-words.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import type { Parts } from './parts.ts';
import { itemOf, recentWork } from './planning.ts';
import { newRun, recordAsked } from './run-record.ts';
import { refuseResting } from './resting.ts';
import { openSession } from './session.ts';
import { byLink, type Left, lookAtUndo, type UndoLook } from './undo-look.ts';
import type { Caller } from './use-cases.ts';

interface UndoLine {
  linkId: string;
  threatId: string;
  issueKey: string;
  title: string;
  step: Step;
  sentence: string;
}

/** What an undo would do now. Nothing was written. */
interface UndoPreview {
  runId: string;
  does: readonly UndoLine[];
  leaves: readonly Left[];
  /** Brakes that it would trip, in words. */
  brakes: Plan['brakes'];
}

export interface UndoCases {
  /** Reads both sides. Throws `not-found`, `run-in-progress`, `conflict` for an integration that is gone, and what the tracker says. */
  preview(caller: Caller, runId: string, signal?: AbortSignal): Promise<UndoPreview>;
  /**
   * Queues a run that takes back what that run wrote; the one that waits already, if there is one. Throws as `preview`,
   * `nothing-to-undo`, and `conflict` for an integration that is disabled or waits for a yes.
   */
  start(caller: Caller, runId: string): Promise<Run>;
}

/** Links read for a preview in one look. */
const CHUNK = 100;

/** Runs taken back. */
export function undoCases(parts: Parts): UndoCases {
  const { store, clock } = parts;

  return {
    async preview(caller, runId, signal = new AbortController().signal) {
      const since = new Date(clock.now().getTime() - parts.timings.brakeWindowMs).toISOString();
      const known = await store.tenant(caller.tenantId).transact(async (tx) => {
        const { run, integration } = await endedRun(tx, runId);
        const recent = await recentWork(tx, integration.id, since);
        return { integration, changes: byLink(await tx.changes.ofRun(run.id)), recent };
      });
      const { integration, recent } = known;
      const look = await lookAtAll(parts, caller, integration, runId, known.changes, signal);
      const brakes = brakesFor(look.decided.map(itemOf), recent, integration.limits.creates);
      return { runId, does: look.decided.flatMap(linesOf), leaves: look.left, brakes };
    },

    async start(caller, runId) {
      const run = await store.tenant(caller.tenantId).transact(async (tx) => {
        const { integration } = await endedRun(tx, runId);
        refuseResting(parts, integration);
        if (integration.state === 'braked')
          throw new AppError(
            'conflict',
            `A run of this integration waits for a yes: confirm its plan or start a sync, then undo. ${integration.stateReason ?? ''}`,
          );
        // Locks the lease's row first, as the worker does.
        await tx.integrations.wake(integration.id);
        const waiting = await waitingUndo(tx, integration.id, runId);
        if (waiting !== undefined) return waiting;
        refuseNothing(await tx.changes.ofRun(runId));
        const queued: Run = { ...newRun(parts, integration.id, 'undo', caller.actor), undoes: runId };
        await tx.runs.insert(queued);
        await recordAsked(tx, caller, queued, queued.createdAt, `Undo of run ${runId}.`);
        return queued;
      });
      parts.bus.wake();
      return run;
    },
  };
}

function linesOf({ pair, issue, steps }: Decided): UndoLine[] {
  const { link, threat } = pair;
  const { key } = issue.ref;
  return steps.map((step) => ({
    linkId: link.id,
    threatId: threat.id,
    issueKey: key,
    title: threat.title,
    step,
    sentence: sentenceOfUndo(step, key),
  }));
}

async function lookAtAll(
  parts: Parts,
  caller: Caller,
  integration: Integration,
  runId: string,
  changes: ReadonlyMap<string, readonly RunChange[]>,
  signal: AbortSignal,
): Promise<UndoLook> {
  const decided: Decided[] = [];
  const left: Left[] = [];
  if (changes.size === 0) return { decided, left };
  const session = await openSession(parts, caller.tenantId, integration);
  const all = [...changes];
  for (let from = 0; from < all.length; from += CHUNK) {
    const look = await lookAtUndo(parts, session, runId, new Map(all.slice(from, from + CHUNK)), signal);
    decided.push(...look.decided);
    left.push(...look.left);
  }
  return { decided, left };
}

/** Only what has ended can be taken back, and only where there is still somebody to write to. */
async function endedRun(tx: Tx, runId: string): Promise<{ run: Run; integration: Integration }> {
  const run = await tx.runs.get(runId);
  if (run === undefined) throw new AppError('not-found', `There is no run ${runId}.`);
  if (run.state === 'queued' || run.state === 'running')
    throw new AppError('run-in-progress', `Run ${runId} is at work still: undo it when it has ended.`);
  const integration = await tx.integrations.get(run.integrationId);
  if (integration === undefined)
    throw new AppError(
      'conflict',
      'The integration of this run was deleted: nothing is written to its issues any more.',
    );
  return { run, integration };
}

/** Undos of the same run twice are one. */
async function waitingUndo(tx: Tx, integrationId: string, runId: string): Promise<Run | undefined> {
  for (const state of ['running', 'queued'] as const) {
    const { items } = await tx.runs.list({ integrationId, state, limit: 100 });
    const found = items.find(({ undoes }) => undoes === runId);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuseNothing(changes: readonly RunChange[]): void {
  if (changes.some(({ undoneBy }) => undoneBy === undefined)) return;
  throw new AppError(
    'nothing-to-undo',
    changes.length === 0
      ? 'This run wrote nothing that is still known: what a run wrote is kept for 90 days.'
      : 'All that this run wrote was taken back already.',
  );
}
