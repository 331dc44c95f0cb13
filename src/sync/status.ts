import { AppError } from '../domain/errors.ts';
import type { HeldImport } from '../domain/held-import.ts';
import type { Integration } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { Run } from '../domain/run.ts';
import type { LinkCounts } from '../ports/repositories.ts';
import { heldFor } from './held-imports.ts';
import { boundFilter, CHOOSE_MODELS } from './bound-filter.ts';
import { parentStatus } from './parent-status.ts';
import type { Parts } from './parts.ts';
import { wordsOfMissed } from './redelivery.ts';
import { openSession } from './session.ts';
import { pausedUntil, wordsOfPause } from './write-breaker.ts';
import type { IntegrationStatus } from './use-cases.ts';

interface Known {
  counts: LinkCounts;
  lastRun: Run | undefined;
  nextRunAt: string | null;
  lastDeliveryAt: string | null;
  problems: IntegrationStatus['problems'];
  modelsMissing: boolean;
  heldImports: readonly HeldImport[];
  parents: readonly Link[];
}

/** "Is it working, what needs me?", in words and numbers. Asks no tracker. */
export async function statusOf(
  parts: Parts,
  tenantId: string,
  integration: Integration,
): Promise<IntegrationStatus> {
  const known = await parts.store.tenant(tenantId).transact(async (tx): Promise<Known> => {
    const filter = await boundFilter(tx, integration.filter);
    return {
      counts: await tx.links.counts(integration.id),
      lastRun: await tx.runs.last(integration.id),
      nextRunAt: await tx.integrations.nextDueAt(integration.id),
      lastDeliveryAt: await tx.deliveries.lastReceivedAt(integration.id),
      problems: await tx.links.problems(integration.id),
      modelsMissing: filter === undefined,
      heldImports: await heldFor(tx, filter),
      parents: integration.parent?.kind === 'model' ? await tx.links.parents(integration.id) : [],
    };
  });
  const { counts, lastRun, nextRunAt } = known;
  const linked = counts.states.linked ?? 0;
  const rate = await rateOf(parts, tenantId, integration);
  return {
    integrationId: integration.id,
    ...verdict(parts, integration, known),
    state: integration.state,
    since: integration.stateSince,
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(nextRunAt === null ? {} : { nextRunAt }),
    counts: {
      inSync: Math.max(0, linked - waiting(counts) - counts.failing - counts.pending),
      pending: counts.pending,
      conflicts: counts.conflicts,
      needsAnswer: counts.needsAnswer,
      held: counts.held,
      failed: counts.failing,
      links: counts.states,
    },
    ...(rate === undefined ? {} : { rate }),
    webhook: webhookOf(integration, known.lastDeliveryAt),
    ...parentOf(integration, known.parents),
    problems: [...known.problems, ...known.heldImports.map(problemOf)],
  };
}

function parentOf(integration: Integration, parents: readonly Link[]): Pick<IntegrationStatus, 'parent'> {
  const parent = parentStatus(integration, parents);
  return parent === undefined ? {} : { parent };
}

type Verdict = Pick<IntegrationStatus, 'health' | 'summary'>;

function verdict(parts: Parts, integration: Integration, known: Known): Verdict {
  const { counts, lastRun } = known;
  if (parts.paused) return say('paused', 'The operator has paused all synchronisation (SYNC_PAUSED).');
  if (!integration.enabled) return say('paused', 'It is disabled: set "enabled": true to synchronise it.');
  const reason = integration.stateReason ?? '';
  if (integration.state === 'paused') return say('broken', reason);
  if (integration.state === 'reconnect-needed')
    return say(
      'broken',
      `The tracker refuses the credentials; nothing was deleted. Give new ones. ${reason}`,
    );
  if (lastRun?.state === 'failed') return say('degraded', lastRun.error?.message ?? 'The last run failed.');
  if (known.modelsMissing) return say('waiting', CHOOSE_MODELS);
  // Why it is back to planning; nothing for one that has just been made.
  if (integration.state === 'new')
    return say('waiting', reason === '' ? wordsOfNew(counts.states.linked ?? 0) : reason);
  if (integration.state === 'braked') return say('waiting', `A run waits for a yes. ${reason}`);
  const aside = counts.states.quarantined ?? 0;
  if (aside > 0)
    return say(
      'degraded',
      `${aside} links were set aside: see GET /api/integrations/${integration.id}/dead-letters, mend the cause, then retry or discard them.`,
    );
  const until = pausedUntil(integration.refusedWrites, parts.clock.now());
  if (until !== undefined) return say('degraded', wordsOfRefusal(integration, until));
  if (counts.failing > 0) return say('degraded', `${counts.failing} links fail; see problems.`);
  const asks = waiting(counts);
  if (asks > 0) return say('waiting', `${asks} fields wait for a person; everything else is in sync.`);
  if (known.heldImports.length > 0)
    return say('waiting', `${known.heldImports.length} imports wait for a yes; see problems.`);
  return say(
    'healthy',
    counts.pending > 0 ? `${counts.pending} changes are on their way.` : 'Everything is in sync.',
  );
}

function waiting({ conflicts, needsAnswer, held }: LinkCounts): number {
  return conflicts + needsAnswer + held;
}

function problemOf({ id, modelName, reason }: HeldImport): IntegrationStatus['problems'][number] {
  const message = `An import of "${modelName}" waits for a yes: ${reason}. POST /api/held-imports/${id}/confirmation, or DELETE /api/held-imports/${id}.`;
  return { code: 'import-held', message, count: 1 };
}

function wordsOfRefusal({ refusedWrites }: Integration, until: string): string {
  const todo = 'Give the account the permission to write issues, or new credentials, then start a sync.';
  return `${wordsOfPause(until)} What people do there is still read. ${refusedWrites?.reason ?? ''} ${todo}`;
}

function wordsOfNew(linked: number): string {
  return linked === 0
    ? 'It has only been planned so far: look at the plan, then start the first sync.'
    : 'Only chosen items of a plan were written: start a sync without `items` to let it go on by itself.';
}

function say(health: Verdict['health'], summary: string): Verdict {
  return { health, summary };
}

async function rateOf(
  parts: Parts,
  tenantId: string,
  integration: Integration,
): Promise<IntegrationStatus['rate'] | undefined> {
  try {
    const session = await openSession(parts, tenantId, integration, 'any');
    return await session.health();
  } catch (error) {
    // Without readable credentials, or for a provider that is only stored, there is no budget to show; health says why.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function webhookOf(integration: Integration, lastDeliveryAt: string | null): IntegrationStatus['webhook'] {
  const { webhook, missedDeliveries } = integration;
  const last = lastDeliveryAt === null ? {} : { lastDeliveryAt };
  switch (webhook.kind) {
    case 'registered':
      return {
        state: 'registered',
        url: webhook.url,
        detail: `The tracker tells us of changes.${wordsOfMissed(missedDeliveries?.hookId === webhook.hookId ? missedDeliveries : undefined)}`,
        ...last,
      };
    case 'manual':
      return {
        state: 'manual',
        ...(webhook.url === undefined ? {} : { url: webhook.url }),
        detail: webhook.todo,
        ...last,
      };
    case 'failing':
      return { state: 'failing', detail: `${webhook.reason} Tried again at ${webhook.retryAt}.`, ...last };
  }
}
