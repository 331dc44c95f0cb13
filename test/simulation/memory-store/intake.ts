import type { Dispatch } from '../../../src/ports/store.ts';
import { dirtyOf } from './dirty.ts';
import { leasesOf } from './leases.ts';
import { outboxOf } from './outbox.ts';
import { Kept, keyOf } from './rows.ts';
import type { Database, Scope } from './scope.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

const UNKNOWN_ISSUES = 'No threat is linked to the issues of this delivery.';

/** Where webhooks come in, before anybody knows whose they are. */
export function intakeOn(db: Database, transactions: Transactions): Pick<Dispatch, 'door' | 'accept'> {
  const { integrations, dedupe, deliveries } = db.tables;
  const living = (tx: Transaction, id: string) =>
    integrations.where(tx, 'id', tx.uuid(id)).find((row) => row.state !== 'deleted');

  return {
    door: (integrationId) =>
      transactions.run(async (tx) => {
        await tx.step();
        const row = living(tx, integrationId);
        if (row === undefined) return undefined;
        return {
          tenantId: row.tenant_id,
          integrationId,
          provider: row.provider,
          webhookSecrets: row.webhook_secrets.read(),
          ...(row.project_id !== null && { projectId: row.project_id }),
          ...(row.hook_scheme !== null && { scheme: row.hook_scheme }),
        };
      }),

    accept: (delivery, issueIds, events = []) =>
      transactions.run(async (tx) => {
        await tx.step();
        const received_at = tx.time(delivery.receivedAt);
        const integration = living(tx, delivery.integrationId);
        if (integration === undefined) return false;
        const { tenant_id, id: integration_id } = integration;
        const entry = { tenant_id, integration_id, delivery_id: delivery.deliveryId, received_at };
        if (!(await dedupe.insertUnlessDoubled(tx, entry))) return false;

        const { body, ignored, ...kept } = delivery;
        const linked =
          ignored === undefined && (await stir({ db, tx, tenantId: tenant_id }, integration_id, issueIds));
        await outboxOf({ db, tx, tenantId: tenant_id }).add(events, delivery.receivedAt);
        const reason = ignored ?? (linked ? undefined : UNKNOWN_ISSUES);
        await tx.step();
        await deliveries.insert(tx, {
          tenant_id,
          id: tx.uuid(delivery.id),
          integration_id,
          verdict: linked ? 'accepted' : 'ignored',
          received_at,
          doc: new Kept({ ...kept, ...(reason !== undefined && { reason }) }),
          body: new Uint8Array(body),
        });
        return true;
      }),
  };
}

/**
 * Make the links of these issues dirty and wake the integration. An issue that no link knows may be one that is
 * being created at this moment: then the wake-up alone must do. False: nothing here is about our issues.
 */
async function stir(scope: Scope, integrationId: string, issueIds: readonly string[]): Promise<boolean> {
  const { db, tx, tenantId } = scope;
  const { links } = db.tables;
  await tx.step();
  const ofIssue = (issueId: string) => links.where(tx, 'issue', keyOf(tenantId, integrationId, issueId));
  const found = [...new Set(issueIds)].flatMap(ofIssue).filter((row) => row.state !== 'detached');
  if (found.length === 0) {
    await tx.step();
    const all = links.where(tx, 'integration', keyOf(tenantId, integrationId));
    if (!all.some((row) => row.state === 'creating')) return false;
  }
  await leasesOf(scope).wake(integrationId);
  await dirtyOf(scope).mark(
    integrationId,
    found.map((row) => ({ linkId: row.id, reason: 'issue' })),
  );
  return true;
}
