import { AppError, messageOf } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import { exportedLine } from '../domain/tenant-export.ts';
import type { Store, TenantStore } from '../ports/store.ts';
import type { RowKey, Upkeep } from '../ports/upkeep.ts';
import { removeHook } from './hooks.ts';
import { openSession } from './session.ts';
import type { TrackerParts } from './parts.ts';

type RemovalParts = Omit<TrackerParts, 'store'> & {
  store: Store & { upkeep: Upkeep };
  /** Forgets what is kept of the tenant outside the database. */
  forget(tenantId: string): Promise<void>;
};

/** A webhook that is still at its tracker. Its deliveries are refused. */
interface HookLeft {
  integration: string;
  url: string;
  reason: string;
}

/** Where an export goes, line by line. */
export interface ExportTo {
  take(line: string): Promise<void>;
  /** That was all: from here on it is whole. */
  end(): Promise<void>;
}

export interface Removal {
  hooksLeft: readonly HookLeft[];
  rows: number;
}

const PAGE = 100;
/** A delivery that was under way when the tenant was closed is gone with the second pass. */
const PASSES = 5;

/**
 * Remove everything of a tenant: its integrations with their webhooks, then, with no transaction of it possible any more, every
 * row. An export is whole before the first row goes. May end at any moment; the next one goes on. Issues in
 * trackers stay. Throws `conflict` for an export of which rows have gone already.
 */
export async function removeTenant(
  parts: RemovalParts,
  tenantId: string,
  exportTo?: ExportTo,
): Promise<Removal> {
  const hooksLeft = await endIntegrations(parts, tenantId);
  const { isDeleting } = await parts.store.upkeep.closeTenant(tenantId);
  if (exportTo !== undefined) {
    if (isDeleting)
      throw new AppError('conflict', 'Rows of this tenant have gone already: an export would not be whole.');
    await exportTenant(parts.store.upkeep, tenantId, exportTo);
    await exportTo.end();
  }
  const rows = await deleteAll(parts.store.upkeep, tenantId);
  await parts.forget(tenantId);
  return { hooksLeft, rows };
}

/** A tenant that is closed already has none that works. */
async function endIntegrations(parts: RemovalParts, tenantId: string): Promise<readonly HookLeft[]> {
  const tenant = parts.store.tenant(tenantId);
  const left: HookLeft[] = [];
  try {
    for (;;) {
      const { items } = await tenant.transact((tx) => tx.integrations.list({ limit: PAGE }));
      if (items.length === 0) return left;
      for (const integration of items) left.push(...(await end(parts, tenant, integration)));
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'tenant-removed') return left;
    throw error;
  }
}

/** Deleted first, so that nobody works with it any more; its credentials were opened before. */
async function end(
  parts: RemovalParts,
  tenant: TenantStore,
  integration: Integration,
): Promise<readonly HookLeft[]> {
  const { name, webhook } = integration;
  const opened = await openSession(parts, tenant.tenantId, integration).catch((error: unknown) =>
    messageOf(error),
  );
  const at = parts.clock.now().toISOString();
  await tenant.transact((tx) =>
    tx.integrations.update({ ...integration, state: 'deleted', stateSince: at, updatedAt: at }),
  );
  if (webhook.kind === 'failing' || webhook.url === undefined) return [];
  const { url } = webhook;
  if (webhook.kind === 'manual')
    return [{ integration: name, url, reason: 'It was added by hand, if it is there.' }];
  const reason = typeof opened === 'string' ? opened : await removeHook(parts, opened, webhook);
  return reason === undefined ? [] : [{ integration: name, url, reason }];
}

async function exportTenant(upkeep: Upkeep, tenantId: string, to: ExportTo): Promise<void> {
  for (const table of upkeep.tables.toReversed())
    for (let after: RowKey | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      let lines: readonly string[] = [];
      after = await upkeep.rewrite(tenantId, table, after, (rows) => {
        lines = rows.flatMap((row) => exportedLine(table, row) ?? []);
        return [];
      });
      for (const line of lines) await to.take(line);
    }
}

async function deleteAll(upkeep: Upkeep, tenantId: string): Promise<number> {
  let rows = 0;
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const before = rows;
    let isInUse = false;
    for (const table of upkeep.tables)
      for (;;) {
        const some = await upkeep.deleteSome(tenantId, table);
        isInUse ||= some === 'in-use';
        if (some === 'in-use' || some === 0) break;
        rows += some;
      }
    // What came in behind a pass is met by the next.
    if (rows === before && !isInUse) return rows;
  }
  throw new AppError('unavailable', 'Rows of this tenant still come in. Run this once more.');
}
