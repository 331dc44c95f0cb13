import { keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import { Table } from './table.ts';

/** Every table of `migrations/`, with its keys, references and the ways it is read. */
export type MemoryTables = ReturnType<typeof makeTables>;

type Owned = { readonly tenant_id: string; readonly id: string };
const byId = (row: Owned) => keyOf(row.tenant_id, row.id);
const ofTenant = (row: { readonly tenant_id: string }) => row.tenant_id;
const integrationOf = (row: { readonly tenant_id: string; readonly integration_id: string }) =>
  keyOf(row.tenant_id, row.integration_id);
const linkOf = (row: { readonly tenant_id: string; readonly link_id: string }) =>
  keyOf(row.tenant_id, row.link_id);
/** Rows that have not the column are not among the found ones. */
const maybe = (tenantId: string, id: string | null) => (id === null ? undefined : keyOf(tenantId, id));

export function makeTables() {
  const integrations = new Table<Row<'integrations'>, 'id' | 'tenant'>({
    name: 'integrations',
    key: byId,
    indexes: [
      ['id', (row) => row.id],
      ['tenant', ofTenant],
    ],
  });
  const ofIntegration = { table: integrations, key: integrationOf };
  const models = new Table<Row<'models'>, 'tenant'>({
    name: 'models',
    key: byId,
    indexes: [['tenant', ofTenant]],
    canLoseParents: true,
  });
  const links = new Table<Row<'links'>, 'integration' | 'threat' | 'issue'>({
    name: 'links',
    key: byId,
    uniques: [
      (row) =>
        row.state === 'detached'
          ? undefined
          : keyOf(row.tenant_id, row.integration_id, row.threat_id, row.role, row.mitigation_key),
      (row) =>
        row.state === 'detached' || row.issue_id === null
          ? undefined
          : keyOf(row.tenant_id, row.host, row.issue_id),
    ],
    indexes: [
      ['integration', integrationOf],
      ['threat', (row) => keyOf(row.tenant_id, row.threat_id)],
      ['issue', (row) => maybe(integrationOf(row), row.issue_id)],
    ],
    parents: [ofIntegration],
  });
  const ofLink = { table: links, key: linkOf };
  const runs = new Table<Row<'runs'>, 'integration'>({
    name: 'runs',
    key: byId,
    indexes: [['integration', integrationOf]],
    parents: [ofIntegration],
  });

  return {
    integrations,
    models,
    links,
    runs,
    tenants: new Table<Row<'tenants'>, never>({ name: 'tenants', key: ofTenant, indexes: [] }),
    turns: new Table<Row<'turns'>, never>({ name: 'turns', key: ofTenant, indexes: [] }),
    leases: new Table<Row<'leases'>, never>({
      name: 'leases',
      key: integrationOf,
      indexes: [],
      parents: [ofIntegration],
    }),
    threats: new Table<Row<'threats'>, 'tenant' | 'model'>({
      name: 'threats',
      key: byId,
      uniques: [(row) => keyOf(row.tenant_id, row.number)],
      indexes: [
        ['tenant', ofTenant],
        ['model', (row) => keyOf(row.tenant_id, row.model_id)],
      ],
      parents: [{ table: models, key: (row) => keyOf(row.tenant_id, row.model_id) }],
    }),
    held_imports: new Table<Row<'held_imports'>, 'tenant' | 'model'>({
      name: 'held_imports',
      key: byId,
      uniques: [(row) => keyOf(row.tenant_id, row.model_id)],
      indexes: [
        ['tenant', ofTenant],
        ['model', (row) => keyOf(row.tenant_id, row.model_id)],
      ],
      parents: [{ table: models, key: (row) => keyOf(row.tenant_id, row.model_id) }],
    }),
    ops: new Table<Row<'ops'>, 'open'>({
      name: 'ops',
      key: byId,
      indexes: [['open', (row) => (row.state === 'open' ? linkOf(row) : undefined)]],
      parents: [ofLink],
    }),
    dirty: new Table<Row<'dirty'>, 'integration'>({
      name: 'dirty',
      key: (row) => keyOf(row.tenant_id, row.integration_id, row.link_id),
      indexes: [['integration', integrationOf]],
      parents: [ofLink],
    }),
    deliveries: new Table<Row<'deliveries'>, 'integration' | 'open' | 'tenant'>({
      name: 'deliveries',
      key: byId,
      indexes: [
        ['integration', integrationOf],
        ['open', (row) => (row.verdict === 'accepted' ? integrationOf(row) : undefined)],
        ['tenant', ofTenant],
      ],
      parents: [ofIntegration],
    }),
    dedupe: new Table<Row<'dedupe'>, 'tenant'>({
      name: 'dedupe',
      key: (row) => keyOf(row.tenant_id, row.integration_id, row.delivery_id),
      indexes: [['tenant', ofTenant]],
      parents: [ofIntegration],
    }),
    outbox: new Table<Row<'outbox'>, 'tenant' | 'unpublished' | 'waiting'>({
      name: 'outbox',
      key: (row) => keyOf(row.tenant_id, row.position),
      uniques: [
        (row) => keyOf(row.tenant_id, row.id),
        (row) => (row.sequence === null ? undefined : keyOf(row.tenant_id, row.sequence)),
      ],
      indexes: [
        ['tenant', ofTenant],
        ['unpublished', (row) => (row.published_at === null ? '' : undefined)],
        ['waiting', (row) => (row.published_at === null ? row.tenant_id : undefined)],
      ],
    }),
    journal: new Table<Row<'journal'>, 'tenant' | 'unchained' | 'threat' | 'integration' | 'link'>({
      name: 'journal',
      key: (row) => keyOf(row.tenant_id, row.position),
      uniques: [(row) => (row.sequence === null ? undefined : keyOf(row.tenant_id, row.sequence))],
      indexes: [
        ['tenant', ofTenant],
        ['unchained', (row) => (row.sequence === null ? '' : undefined)],
        ['threat', (row) => maybe(row.tenant_id, row.threat_id)],
        ['integration', (row) => maybe(row.tenant_id, row.integration_id)],
        ['link', (row) => maybe(row.tenant_id, row.link_id)],
      ],
    }),
    run_items: new Table<Row<'run_items'>, 'run'>({
      name: 'run_items',
      key: (row) => keyOf(row.tenant_id, row.run_id, row.position),
      indexes: [['run', (row) => keyOf(row.tenant_id, row.run_id)]],
      parents: [{ table: runs, key: (row) => keyOf(row.tenant_id, row.run_id) }],
    }),
    run_changes: new Table<Row<'run_changes'>, 'run' | 'tenant'>({
      name: 'run_changes',
      key: byId,
      indexes: [
        ['run', (row) => keyOf(row.tenant_id, row.run_id)],
        ['tenant', ofTenant],
      ],
      parents: [{ table: runs, key: (row) => keyOf(row.tenant_id, row.run_id) }, ofLink],
    }),
    plans: new Table<Row<'plans'>, 'integration'>({
      name: 'plans',
      key: byId,
      indexes: [['integration', integrationOf]],
      parents: [ofIntegration],
    }),
    conflicts: new Table<Row<'conflicts'>, 'tenant' | 'integration' | 'link'>({
      name: 'conflicts',
      key: byId,
      uniques: [(row) => (row.state === 'open' ? keyOf(row.tenant_id, row.link_id, row.field) : undefined)],
      indexes: [
        ['tenant', ofTenant],
        ['integration', integrationOf],
        ['link', linkOf],
      ],
      parents: [ofLink],
    }),
    comments: new Table<Row<'comments'>, 'link'>({
      name: 'comments',
      key: (row) => keyOf(row.tenant_id, row.link_id, row.id),
      indexes: [['link', linkOf]],
      parents: [ofLink],
    }),
    idempotency: new Table<Row<'idempotency'>, 'tenant'>({
      name: 'idempotency',
      key: (row) => keyOf(row.tenant_id, row.key),
      indexes: [['tenant', ofTenant]],
    }),
    installation: new Table<Row<'installation'>, 'all'>({
      name: 'installation',
      key: (row) => row.name,
      indexes: [['all', () => '']],
    }),
  };
}
