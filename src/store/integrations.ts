import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import type { Integrations } from '../ports/repositories.ts';
import { ByTime, pageOf, readCursor } from './cursor.ts';
import { leasesOf } from './leases.ts';
import type { Tables, Trx } from './schema.ts';

const SHOWN = ['id', 'provider', 'state', 'version', 'created_at', 'doc'] as const;

/** The integrations of one tenant. Deleted ones stay as rows, because links and history point at them. */
export function integrationsOf(trx: Trx, tenantId: string): Integrations {
  const leases = leasesOf(trx, tenantId);

  async function update(integration: Integration): Promise<Integration> {
    if (integration.state === 'deleted') await leases.end(integration.id);
    else {
      await leases.lock(integration.id);
      await leases.interrupt(integration.id);
    }
    const next = { ...integration, version: integration.version + 1 };
    const written = await trx
      .updateTable('integrations')
      .set(columnsOf(next))
      .where('tenant_id', '=', tenantId)
      .where('id', '=', integration.id)
      .where('version', '=', integration.version)
      .where('state', '<>', 'deleted')
      .returning('id')
      .executeTakeFirst();
    if (written === undefined)
      throw new AppError(
        'stale-version',
        'The integration was changed meanwhile: read it again and repeat the change on what it is now.',
      );
    if (integration.state === 'deleted') await rest(integration.id);
    return next;
  }

  /** A deleted integration's issues are left alone: its links become tombstones. Its secrets are forgotten. */
  async function rest(integrationId: string): Promise<void> {
    await trx
      .updateTable('integrations')
      .set({ credentials: '', webhook_secrets: '[]' })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', integrationId)
      .execute();
    await trx
      .updateTable('links')
      .set((row) => ({ state: 'dormant', version: sql<number>`${row.ref('version')} + 1` }))
      .where('tenant_id', '=', tenantId)
      .where('integration_id', '=', integrationId)
      .where('state', '=', 'linked')
      .execute();
    await trx
      .deleteFrom('dirty')
      .where('tenant_id', '=', tenantId)
      .where('integration_id', '=', integrationId)
      .execute();
  }

  return {
    async insert(integration, sealed) {
      await trx
        .insertInto('integrations')
        .values({
          ...columnsOf(integration),
          tenant_id: tenantId,
          id: integration.id,
          created_at: integration.createdAt,
          credentials: sealed.credentials,
          webhook_secrets: JSON.stringify(sealed.webhookSecrets),
        })
        .execute();
      await leases.begin(integration.id);
    },
    async get(id) {
      const row = await trx
        .selectFrom('integrations')
        .select(SHOWN)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .where('state', '<>', 'deleted')
        .executeTakeFirst();
      return row && integrationOf(row);
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = trx
        .selectFrom('integrations')
        .select(SHOWN)
        .where('tenant_id', '=', tenantId)
        .where('state', '<>', 'deleted');
      if (query.provider !== undefined) wanted = wanted.where('provider', '=', query.provider);
      if (query.state !== undefined) wanted = wanted.where('state', '=', query.state);
      if (after !== undefined)
        wanted = wanted.where((row) =>
          row(row.refTuple('created_at', 'id'), '>', row.tuple(after[0], after[1])),
        );
      const rows = await wanted
        .orderBy('created_at')
        .orderBy('id')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, integrationOf, (row) => [row.created_at, row.id]);
    },
    update,
    async note(id, learned) {
      await leases.lock(id);
      const row = await trx
        .selectFrom('integrations')
        .select(SHOWN)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .where('state', '<>', 'deleted')
        .forNoKeyUpdate()
        .executeTakeFirst();
      if (row === undefined) return;
      await trx
        .updateTable('integrations')
        .set(columnsOf({ ...integrationOf(row), ...learned }))
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute();
    },
    async sealed(id) {
      const row = await trx
        .selectFrom('integrations')
        .select(['credentials', 'webhook_secrets'])
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && { credentials: row.credentials, webhookSecrets: row.webhook_secrets };
    },
    async seal(id, sealed) {
      if (sealed.credentials === undefined && sealed.webhookSecrets === undefined) return;
      await trx
        .updateTable('integrations')
        .set({
          ...(sealed.credentials !== undefined && { credentials: sealed.credentials }),
          ...(sealed.webhookSecrets !== undefined && {
            webhook_secrets: JSON.stringify(sealed.webhookSecrets),
          }),
        })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute();
    },
    async sealedAfter(afterId, limit) {
      let wanted = trx
        .selectFrom('integrations')
        .select(['id', 'credentials', 'webhook_secrets'])
        .where('tenant_id', '=', tenantId)
        .where('state', '<>', 'deleted');
      if (afterId !== undefined) wanted = wanted.where('id', '>', afterId);
      const rows = await wanted.orderBy('id').limit(limit).execute();
      return rows.map(({ id, credentials, webhook_secrets: webhookSecrets }) => ({
        id,
        sealed: { credentials, webhookSecrets },
      }));
    },
    async reseal(id, from, to) {
      const written = await trx
        .updateTable('integrations')
        .set({ credentials: to.credentials, webhook_secrets: JSON.stringify(to.webhookSecrets) })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .where('credentials', '=', from.credentials)
        .where(sql<boolean>`webhook_secrets::text = ${JSON.stringify(from.webhookSecrets)}`)
        .where('state', '<>', 'deleted')
        .executeTakeFirst();
      return written.numUpdatedRows === 1n;
    },
    async claimRenewal(id, ms) {
      const claimed = await sql`
        update integrations set renewing_until = now() + ${ms} * interval '1 millisecond'
        where tenant_id = ${tenantId} and id = ${id} and (renewing_until is null or renewing_until < now())`.execute(
        trx,
      );
      return claimed.numAffectedRows === 1n;
    },
    async releaseRenewal(id) {
      await trx
        .updateTable('integrations')
        .set({ renewing_until: null })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute();
    },
    async ofProject(host, projectId) {
      const rows = await trx
        .selectFrom('integrations')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where('host', '=', host)
        .where('project_id', '=', projectId)
        .where('state', '<>', 'deleted')
        .orderBy('created_at')
        .execute();
      return rows.map((row) => row.id);
    },
    wake: (id) => leases.wake(id),
    schedule: (id, dueAt) => leases.schedule(id, dueAt),
    nextDueAt: (id) => leases.nextDueAt(id),
    hold: (lease) => leases.hold(lease),
  };
}

type Columns = Pick<
  Insertable<Tables['integrations']>,
  'provider' | 'state' | 'host' | 'project_id' | 'hook_scheme' | 'version' | 'doc'
>;

function columnsOf(integration: Integration): Columns {
  const { version, state, provider, ...doc } = integration;
  return {
    provider,
    state,
    version,
    host: integration.bound === undefined ? null : hostOf(integration.bound),
    project_id: integration.bound?.projectId ?? null,
    hook_scheme: integration.webhook.scheme ?? null,
    doc: JSON.stringify(doc),
  };
}

function hostOf(bound: NonNullable<Integration['bound']>): string | null {
  if (bound.host !== undefined) return bound.host;
  return URL.parse(bound.url)?.host ?? null;
}

function integrationOf(
  row: Pick<Selectable<Tables['integrations']>, 'provider' | 'state' | 'version' | 'doc'>,
): Integration {
  return { ...row.doc, provider: row.provider, state: row.state, version: row.version };
}
