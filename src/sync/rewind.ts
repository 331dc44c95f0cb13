import type { Integration } from '../domain/integration.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';

const PAGE = 100;
const REWOUND =
  'The database was put back to an earlier time: what both sides have become since then is only planned. Look at the plan, then start a sync.';

/**
 * Notice a database that was put back in time, by its events being numbered below what was published already. Its baselines
 * may be older than both sides, so every integration of the tenant goes back to planning until a person says yes.
 */
export async function noticeRewind(
  parts: Pick<Parts, 'store' | 'bus' | 'clock' | 'log'>,
  tenantId: string,
): Promise<boolean> {
  const published = await parts.bus.remembered(tenantId);
  if (published === 0) return false;
  const rewound = await parts.store.tenant(tenantId).transact(async (tx) => {
    if ((await tx.events.lastSequence()) >= published) return false;
    // Whoever is first: the next number is above what is remembered, so that nobody notices it a second time.
    if (!(await tx.events.skipTo(published))) return false;
    await onlyPlan(tx, parts.clock.now().toISOString());
    return true;
  });
  if (rewound) parts.log.warn({ tenantId, published }, 'the database was put back in time: only planning');
  return rewound;
}

/** Every integration of the tenant plans, and looks for the links that were forgotten. */
export async function onlyPlan(tx: Tx, at: string): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await tx.integrations.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const integration of page.items) await planAgain(tx, integration, at);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function planAgain(tx: Tx, { id, createdAt }: Integration, at: string): Promise<void> {
  const last = await tx.runs.last(id);
  await tx.integrations.note(id, {
    state: 'new',
    stateSince: at,
    stateReason: REWOUND,
    rewound: { noticedAt: at, since: last?.createdAt ?? createdAt },
  });
  await tx.journal.add([{ at, actor: 'sync', action: 'store-rewound', integrationId: id, note: REWOUND }]);
  await tx.integrations.wake(id);
}
