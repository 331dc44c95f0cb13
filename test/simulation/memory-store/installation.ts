import { z } from 'zod';
import type { InstallationSecrets } from '../../../src/ports/store.ts';
import { everyTenant } from './housekeeping.ts';
import { sorted } from './order.ts';
import type { Database } from './scope.ts';
import type { Transactions } from './transactions.ts';

const Sealed = z.object({ protected: z.string() });
const Header = z.object({ kid: z.string() });

/** Secrets of the whole service, and what any row is sealed with. */
export function installationOn({ tables }: Database, transactions: Transactions): InstallationSecrets {
  const { installation, integrations } = tables;

  async function sealedByAll(): Promise<string[]> {
    const sealed = await transactions.run(async (tx) => {
      await tx.step();
      return installation.where(tx, 'all', '').map((row) => row.sealed);
    });
    for (const tenantId of await transactions.run((tx) => everyTenant(tx, tables)))
      await transactions.run(async (tx) => {
        await tx.step();
        for (const row of integrations.where(tx, 'tenant', tenantId))
          if (row.state !== 'deleted') sealed.push(row.credentials, ...row.webhook_secrets.read());
      });
    return sealed;
  }

  return {
    get: (name) =>
      transactions.run(async (tx) => {
        await tx.step();
        return installation.get(tx, name)?.sealed;
      }),
    putOnce: (name, sealed) =>
      transactions.run(async (tx) => {
        await tx.step();
        await installation.insertUnlessDoubled(tx, { name, sealed });
        await tx.step();
        return installation.get(tx, name)?.sealed ?? sealed;
      }),
    names: () =>
      transactions.run(async (tx) => {
        await tx.step();
        return sorted(installation.where(tx, 'all', ''), (row) => [row.name]).map((row) => row.name);
      }),
    replace: (name, from, to) =>
      transactions.run(async (tx) => {
        await tx.step();
        const row = installation.get(tx, name);
        if (row === undefined) return false;
        const written = await installation.update(
          tx,
          row,
          (now) => ({ ...now, sealed: to }),
          (now) => now.sealed === from,
        );
        return written !== undefined;
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
