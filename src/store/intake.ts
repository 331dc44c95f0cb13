import { sql } from 'kysely';
import type { Dispatch } from '../ports/store.ts';
import { dirtyOf } from './dirty.ts';
import { leasesOf } from './leases.ts';
import { outboxOf } from './outbox.ts';
import type { Trx } from './schema.ts';
import type { Transactions } from './transactions.ts';

type Intake = Pick<Dispatch, 'door' | 'accept'>;

const UNKNOWN_ISSUES = 'No threat is linked to the issues of this delivery.';

/** Where webhooks come in, before anybody knows whose they are. */
export function intakeOn(transactions: Transactions): Intake {
  return {
    door: (integrationId) =>
      transactions.as('intake', async (trx) => {
        const row = await trx
          .selectFrom('integrations')
          .select(['tenant_id', 'provider', 'project_id', 'hook_scheme', 'webhook_secrets'])
          .where('id', '=', integrationId)
          .where('state', '<>', 'deleted')
          .executeTakeFirst();
        if (row === undefined) return undefined;
        return {
          tenantId: row.tenant_id,
          integrationId,
          provider: row.provider,
          webhookSecrets: row.webhook_secrets,
          ...(row.project_id !== null && { projectId: row.project_id }),
          ...(row.hook_scheme !== null && { scheme: row.hook_scheme }),
        };
      }),

    accept: (delivery, issueIds, events = []) =>
      transactions.as('intake', async (trx) => {
        const entered = await sql`
          insert into dedupe (tenant_id, integration_id, delivery_id, received_at)
          select tenant_id, id, ${delivery.deliveryId}, ${delivery.receivedAt}::timestamptz from integrations
          where id = ${delivery.integrationId} and state <> 'deleted'
          on conflict do nothing`.execute(trx);
        if (entered.numAffectedRows !== 1n) return false;
        const { body, ignored, ...kept } = delivery;
        const integration = await trx
          .selectFrom('integrations')
          .select('tenant_id')
          .where('id', '=', delivery.integrationId)
          .executeTakeFirstOrThrow();

        await transactions.becomeTenant(trx, integration.tenant_id);
        const linked =
          ignored === undefined && (await stir(trx, integration.tenant_id, delivery.integrationId, issueIds));
        await outboxOf(trx, integration.tenant_id).add(events, delivery.receivedAt);
        const reason = ignored ?? (linked ? undefined : UNKNOWN_ISSUES);
        const doc = JSON.stringify({ ...kept, ...(reason !== undefined && { reason }) });
        await transactions.become(trx, 'intake');
        await sql`
          insert into deliveries (tenant_id, id, integration_id, verdict, received_at, doc, body)
          select tenant_id, ${delivery.id}, id, ${linked ? 'accepted' : 'ignored'},
            ${delivery.receivedAt}::timestamptz, ${doc}::json, ${body}::bytea
          from integrations where id = ${delivery.integrationId}`.execute(trx);
        return true;
      }),
  };
}

/**
 * Make the links of these issues dirty and wake the integration. An issue that no link knows may be one that is
 * being created at this moment: then the wake-up alone must do. False: nothing here is about our issues.
 */
async function stir(
  trx: Trx,
  tenantId: string,
  integrationId: string,
  issueIds: readonly string[],
): Promise<boolean> {
  const links = await trx
    .selectFrom('links')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('integration_id', '=', integrationId)
    .where('state', '<>', 'detached')
    .where(sql<boolean>`issue_id = any(${[...issueIds]}::text[])`)
    .execute();
  const creating =
    links.length > 0
      ? undefined
      : await trx
          .selectFrom('links')
          .select('id')
          .where('tenant_id', '=', tenantId)
          .where('integration_id', '=', integrationId)
          .where('state', '=', 'creating')
          .limit(1)
          .executeTakeFirst();
  if (links.length === 0 && creating === undefined) return false;
  await leasesOf(trx, tenantId).wake(integrationId);
  await dirtyOf(trx, tenantId).mark(
    integrationId,
    links.map((link) => ({ linkId: link.id, reason: 'issue' })),
  );
  return true;
}
