import type { Tables } from './schema.ts';

type TenantTable = Exclude<keyof Tables, 'installation'>;

/** Every table of tenants with its key beside the tenant; a table comes before those that it refers to. */
export const TENANT_TABLES = {
  comments: ['link_id', 'id'],
  conflicts: ['id'],
  ops: ['id'],
  dirty: ['integration_id', 'link_id'],
  run_changes: ['id'],
  run_items: ['run_id', 'position'],
  plans: ['id'],
  runs: ['id'],
  deliveries: ['id'],
  dedupe: ['integration_id', 'delivery_id'],
  links: ['id'],
  leases: ['integration_id'],
  turns: [],
  integrations: ['id'],
  held_imports: ['id'],
  threats: ['id'],
  models: ['id'],
  outbox: ['position'],
  journal: ['position'],
  idempotency: ['key'],
  tenants: [],
} as const satisfies Readonly<Record<TenantTable, readonly string[]>>;

export const TENANT_TABLE_NAMES: readonly TenantTable[] = Object.keys(TENANT_TABLES).filter(isTenantTable);

export function isTenantTable(name: string): name is TenantTable {
  return name in TENANT_TABLES;
}
