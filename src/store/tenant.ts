import type { Tx } from '../ports/repositories.ts';
import type { TenantStore } from '../ports/store.ts';
import { commentsOf } from './comments.ts';
import { conflictsOf } from './conflicts.ts';
import { deliveriesOf } from './deliveries.ts';
import { dirtyOf } from './dirty.ts';
import { heldImportsOf } from './held-imports.ts';
import { idempotencyOf } from './idempotency.ts';
import { integrationsOf } from './integrations.ts';
import { journalOf } from './journal.ts';
import { linksOf } from './links.ts';
import { modelsOf } from './models.ts';
import { opsOf } from './ops.ts';
import { outboxOf } from './outbox.ts';
import { plansOf } from './plans.ts';
import { runChangesOf } from './run-changes.ts';
import { runsOf } from './runs.ts';
import type { Trx } from './schema.ts';
import { threatsOf } from './threats.ts';
import type { Transactions } from './transactions.ts';

export function tenantStore(transactions: Transactions, tenantId: string): TenantStore {
  return {
    tenantId,
    transact: (work) => transactions.asTenant(tenantId, (trx) => work(repositories(trx, tenantId))),
  };
}

function repositories(trx: Trx, tenantId: string): Tx {
  return {
    tenantId,
    integrations: integrationsOf(trx, tenantId),
    models: modelsOf(trx, tenantId),
    heldImports: heldImportsOf(trx, tenantId),
    threats: threatsOf(trx, tenantId),
    links: linksOf(trx, tenantId),
    ops: opsOf(trx, tenantId),
    dirty: dirtyOf(trx, tenantId),
    deliveries: deliveriesOf(trx, tenantId),
    events: outboxOf(trx, tenantId),
    journal: journalOf(trx, tenantId),
    runs: runsOf(trx, tenantId),
    changes: runChangesOf(trx, tenantId),
    plans: plansOf(trx, tenantId),
    conflicts: conflictsOf(trx, tenantId),
    comments: commentsOf(trx, tenantId),
    idempotency: idempotencyOf(trx, tenantId),
  };
}
