import { z } from 'zod';
import type { InstallationSecrets } from '../ports/store.ts';
import { everyTenant } from './housekeeping.ts';
import type { Transactions } from './transactions.ts';

const Sealed = z.object({ protected: z.string() });
const Header = z.object({ kid: z.string() });

/** Secrets of the whole service, and what any row is sealed with. */
export function installationSecrets(transactions: Transactions): InstallationSecrets {
  async function sealedByAll(): Promise<readonly string[]> {
    const all = await transactions.as('app', (trx) =>
      trx.selectFrom('installation').select('sealed').execute(),
    );
    const sealed = all.map((row) => row.sealed);
    for (const tenantId of await transactions.as('scheduler', everyTenant)) {
      const rows = await transactions.asTenant(tenantId, (trx) =>
        trx
          .selectFrom('integrations')
          .select(['credentials', 'webhook_secrets'])
          .where('tenant_id', '=', tenantId)
          .where('state', '<>', 'deleted')
          .execute(),
      );
      for (const row of rows) sealed.push(row.credentials, ...row.webhook_secrets);
    }
    return sealed;
  }

  return {
    get: (name) =>
      transactions.as('app', async (trx) => {
        const row = await trx
          .selectFrom('installation')
          .select('sealed')
          .where('name', '=', name)
          .executeTakeFirst();
        return row?.sealed;
      }),
    putOnce: (name, sealed) =>
      transactions.as('app', async (trx) => {
        await trx
          .insertInto('installation')
          .values({ name, sealed })
          .onConflict((row) => row.doNothing())
          .execute();
        const row = await trx
          .selectFrom('installation')
          .select('sealed')
          .where('name', '=', name)
          .executeTakeFirstOrThrow();
        return row.sealed;
      }),
    names: () =>
      transactions.as('app', async (trx) => {
        const rows = await trx.selectFrom('installation').select('name').orderBy('name').execute();
        return rows.map((row) => row.name);
      }),
    replace: (name, from, to) =>
      transactions.as('app', async (trx) => {
        const written = await trx
          .updateTable('installation')
          .set({ sealed: to })
          .where('name', '=', name)
          .where('sealed', '=', from)
          .executeTakeFirst();
        return written.numUpdatedRows === 1n;
      }),
    keysInUse: async () => [...new Set((await sealedByAll()).map(keyOf))].toSorted(),
  };
}

/** The key id in a sealed value's header; a value without one shows as `unreadable`, which no key has. */
function keyOf(sealed: string): string {
  try {
    const header = Buffer.from(Sealed.parse(JSON.parse(sealed)).protected, 'base64url').toString();
    return Header.parse(JSON.parse(header)).kid;
  } catch {
    return 'unreadable';
  }
}
