import { AppError } from '../../../src/domain/errors.ts';
import type { Integration } from '../../../src/domain/integration.ts';
import type { Integrations } from '../../../src/ports/repositories.ts';
import { ByTime, readCursor } from '../../../src/store/cursor.ts';
import { leasesOf } from './leases.ts';
import { later } from './moments.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type IntegrationRow = Row<'integrations'>;

/** The integrations of one tenant. Deleted ones stay as rows, because links and history point at them. */
export function integrationsOf(scope: Scope): Integrations {
  const { db, tx, tenantId } = scope;
  const { integrations, links, dirty } = db.tables;
  const leases = leasesOf(scope);
  const find = (id: string) => integrations.get(tx, keyOf(tenantId, tx.uuid(id)));

  async function change(
    id: string,
    to: (row: IntegrationRow) => Partial<IntegrationRow>,
    fits?: (row: IntegrationRow) => boolean,
  ): Promise<boolean> {
    await tx.step();
    const row = find(id);
    if (row === undefined || fits?.(row) === false) return false;
    return (await integrations.update(tx, row, (now) => ({ ...now, ...to(now) }), fits)) !== undefined;
  }

  /** A deleted integration's issues are left alone: its links become tombstones. Its secrets are forgotten. */
  async function rest(id: string): Promise<void> {
    const key = keyOf(tenantId, tx.uuid(id));
    await change(id, () => ({ credentials: '', webhook_secrets: new Kept([]) }));
    await tx.step();
    for (const row of links.where(tx, 'integration', key).filter(isLinked))
      await links.update(
        tx,
        row,
        (now) => ({ ...now, state: 'dormant', version: now.version + 1 }),
        isLinked,
      );
    await tx.step();
    for (const row of dirty.where(tx, 'integration', key)) await dirty.remove(tx, row);
  }

  return {
    async insert(integration, sealed) {
      await tx.step();
      await integrations.insert(tx, {
        ...columnsOf(integration),
        tenant_id: tenantId,
        id: tx.uuid(integration.id),
        created_at: tx.time(integration.createdAt),
        credentials: sealed.credentials,
        webhook_secrets: new Kept(sealed.webhookSecrets),
        renewing_until: null,
      });
      await leases.begin(integration.id);
    },
    async get(id) {
      await tx.step();
      const row = find(id);
      return row !== undefined && lives(row) ? integrationOf(row) : undefined;
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      const rows = integrations
        .where(tx, 'tenant', tenantId)
        .filter(
          (row) =>
            lives(row) &&
            (query.provider === undefined || row.provider === query.provider) &&
            (query.state === undefined || row.state === query.state),
        );
      return pageAfter(rows, query, after, { place: byAge, item: integrationOf });
    },
    async update(integration) {
      if (integration.state === 'deleted') await leases.end(integration.id);
      else {
        await leases.lock(integration.id);
        await leases.interrupt(integration.id);
      }
      const next = { ...integration, version: integration.version + 1 };
      const written = await change(
        integration.id,
        () => columnsOf(next),
        (row) => row.version === integration.version && lives(row),
      );
      if (!written)
        throw new AppError(
          'stale-version',
          'The integration was changed meanwhile: read it again and repeat the change on what it is now.',
        );
      if (integration.state === 'deleted') await rest(integration.id);
      return next;
    },
    async note(id, learned) {
      await leases.lock(id);
      await change(id, (row) => columnsOf({ ...integrationOf(row), ...learned }), lives);
    },
    async sealed(id) {
      await tx.step();
      const row = find(id);
      return row && { credentials: row.credentials, webhookSecrets: row.webhook_secrets.read() };
    },
    async seal(id, sealed) {
      const { credentials, webhookSecrets } = sealed;
      if (credentials === undefined && webhookSecrets === undefined) return;
      const secrets = webhookSecrets && new Kept(webhookSecrets);
      await change(id, () => ({
        ...(credentials !== undefined && { credentials }),
        ...(secrets !== undefined && { webhook_secrets: secrets }),
      }));
    },
    async sealedAfter(afterId, limit) {
      await tx.step();
      const rows = integrations
        .where(tx, 'tenant', tenantId)
        .filter((row) => lives(row) && (afterId === undefined || row.id > tx.uuid(afterId)));
      return sorted(rows, (row) => [row.id])
        .slice(0, limit)
        .map((row) => ({
          id: row.id,
          sealed: { credentials: row.credentials, webhookSecrets: row.webhook_secrets.read() },
        }));
    },
    reseal: (id, from, to) =>
      change(
        id,
        () => ({ credentials: to.credentials, webhook_secrets: new Kept(to.webhookSecrets) }),
        (row) =>
          lives(row) &&
          row.credentials === from.credentials &&
          JSON.stringify(row.webhook_secrets.read()) === JSON.stringify(from.webhookSecrets),
      ),
    claimRenewal: (id, ms) =>
      change(
        id,
        () => ({ renewing_until: later(tx.at, ms) }),
        (row) => row.renewing_until === null || row.renewing_until < tx.at,
      ),
    async releaseRenewal(id) {
      await change(id, () => ({ renewing_until: null }));
    },
    async ofProject(host, projectId) {
      await tx.step();
      const rows = integrations
        .where(tx, 'tenant', tenantId)
        .filter((row) => row.host === host && row.project_id === projectId && lives(row));
      return sorted(rows, byAge).map((row) => row.id);
    },
    wake: (id) => leases.wake(id),
    schedule: async (id, dueAt) => leases.schedule(id, dueAt),
    nextDueAt: (id) => leases.nextDueAt(id),
    hold: (lease) => leases.hold(lease),
  };
}

function lives(row: IntegrationRow): boolean {
  return row.state !== 'deleted';
}

function isLinked(row: Row<'links'>): boolean {
  return row.state === 'linked';
}

function byAge(row: IntegrationRow): [string, string] {
  return [row.created_at, row.id];
}

type Columns = Pick<
  IntegrationRow,
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
    doc: new Kept(doc),
  };
}

function hostOf(bound: NonNullable<Integration['bound']>): string | null {
  return bound.host ?? URL.parse(bound.url)?.host ?? null;
}

function integrationOf(row: IntegrationRow): Integration {
  return { ...row.doc.read(), provider: row.provider, state: row.state, version: row.version };
}
