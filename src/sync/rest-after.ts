import type { IntegrationState } from '../domain/integration.ts';
import type { Integration } from '../domain/integration.ts';
import type { Run } from '../domain/run.ts';
import type { Learned } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import type { LeaseKeeper } from './work.ts';

/** Faults that only a person can mend; the integration says so until a run goes through again. */
const STATES: Readonly<Record<string, IntegrationState>> = {
  'tracker-unauthorized': 'reconnect-needed',
  'sealed-unreadable': 'reconnect-needed',
  'project-public': 'paused',
  'project-taken': 'paused',
  'other-installation': 'paused',
};

/** The run has failed: nothing more is written, what was done stays, and the integration's state says why. */
export async function restAfter(
  parts: Parts,
  lease: LeaseKeeper,
  integration: Integration,
  run: Run,
  error: { code: string; message: string },
): Promise<void> {
  const at = parts.clock.now().toISOString();
  const state = STATES[error.code];
  const learned: Learned =
    state === undefined || integration.state === 'new' || integration.state === state
      ? {}
      : { state, stateSince: at, stateReason: error.message };
  await parts.store.tenant(lease.current().tenantId).transact(async (tx) => {
    await tx.integrations.hold(lease.current());
    await tx.runs.update({ ...run, state: 'failed', finishedAt: at, error });
    await tx.integrations.note(integration.id, learned);
    const data = { integrationId: integration.id, runId: run.id, error };
    await tx.events.add([{ type: 'sync:failed', subject: run.id, data }], at);
  });
  const seconds = (Date.parse(at) - Date.parse(run.startedAt ?? at)) / 1000;
  parts.meters.runFinished(integration.provider, 'failed', seconds);
}
