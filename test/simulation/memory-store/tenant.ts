import { AppError } from '../../../src/domain/errors.ts';
import type { Tx } from '../../../src/ports/repositories.ts';
import type { TenantStore } from '../../../src/ports/store.ts';
import { commentsOf, conflictsOf } from './conflicts.ts';
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
import { runChangesOf } from './run-changes.ts';
import { plansOf, runsOf } from './runs.ts';
import type { Database, Scope } from './scope.ts';
import { threatsOf } from './threats.ts';
import type { Transactions } from './transactions.ts';

export function tenantStore(db: Database, transactions: Transactions, tenantId: string): TenantStore {
  return {
    tenantId,
    async transact(work) {
      if (tenantId === '') throw new AppError('internal', 'a transaction needs a tenant');
      return transactions.run((tx) => work(repositories({ db, tx, tenantId })));
    },
  };
}

function repositories(scope: Scope): Tx {
  return {
    tenantId: scope.tenantId,
    integrations: integrationsOf(scope),
    models: modelsOf(scope),
    heldImports: heldImportsOf(scope),
    threats: threatsOf(scope),
    links: linksOf(scope),
    ops: opsOf(scope),
    dirty: dirtyOf(scope),
    deliveries: deliveriesOf(scope),
    events: outboxOf(scope),
    journal: journalOf(scope),
    runs: runsOf(scope),
    changes: runChangesOf(scope),
    plans: plansOf(scope),
    conflicts: conflictsOf(scope),
    comments: commentsOf(scope),
    idempotency: idempotencyOf(scope),
  };
}
