import type { SealedSecrets } from '../ports/repositories.ts';
import type { Store } from '../ports/store.ts';
import type { SealContext, Vault } from '../ports/vault.ts';
import { credentialContext } from './credentials.ts';
import { installationContext, webhookContext } from './session.ts';

interface Parts {
  store: Pick<Store, 'tenant' | 'dispatch' | 'installation'>;
  vault: Vault;
}

/** What became of everything that is sealed. */
export interface Rotation {
  /** Integrations and secrets of the installation that are sealed with the current key now, and were not. */
  resealed: number;
  /** That were already. */
  current: number;
}

/** Integrations sealed again in one transaction. */
const BATCH = 100;

/**
 * Seal everything that an old key has sealed with the current one. Each value is opened again before it is stored, and takes
 * the old one's place only where that still stands: whoever seals something else meanwhile wins, with the current key. May end at
 * any moment; the next one goes on. Throws `sealed-unreadable` for what no known key opens; what came before is kept.
 */
export async function rotateKeys(parts: Parts): Promise<Rotation> {
  const done: Rotation = { resealed: 0, current: 0 };
  for (const name of await parts.store.installation.names()) await rotateInstallation(parts, name, done);
  for (const tenantId of await parts.store.dispatch.tenants()) await rotateTenant(parts, tenantId, done);
  return done;
}

async function rotateInstallation({ store, vault }: Parts, name: string, done: Rotation): Promise<void> {
  for (;;) {
    const sealed = await store.installation.get(name);
    if (sealed === undefined) return;
    if (vault.keyOf(sealed) === vault.currentKey) {
      done.current += 1;
      return;
    }
    const fresh = await sealAgain(vault, sealed, installationContext(name));
    if (await store.installation.replace(name, sealed, fresh)) {
      done.resealed += 1;
      return;
    }
  }
}

async function rotateTenant({ store, vault }: Parts, tenantId: string, done: Rotation): Promise<void> {
  const tenant = store.tenant(tenantId);
  let after: string | undefined;
  for (;;) {
    const rows = await tenant.transact((tx) => tx.integrations.sealedAfter(after, BATCH));
    const old = rows.filter(({ sealed }) => isOld(vault, sealed));
    const fresh = await Promise.all(
      old.map(async ({ id, sealed }) => ({
        id,
        sealed,
        to: await secretsAgain(vault, tenantId, id, sealed),
      })),
    );
    done.resealed += await tenant.transact(async (tx) => {
      let written = 0;
      for (const { id, sealed, to } of fresh) if (await tx.integrations.reseal(id, sealed, to)) written += 1;
      return written;
    });
    done.current += rows.length - old.length;
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id;
  }
}

function isOld(vault: Vault, { credentials, webhookSecrets }: SealedSecrets): boolean {
  return [credentials, ...webhookSecrets].some((sealed) => vault.keyOf(sealed) !== vault.currentKey);
}

async function secretsAgain(
  vault: Vault,
  tenantId: string,
  id: string,
  { credentials, webhookSecrets }: SealedSecrets,
): Promise<SealedSecrets> {
  const webhook = webhookContext(tenantId, id);
  return {
    credentials: await sealAgain(vault, credentials, credentialContext(tenantId, id)),
    webhookSecrets: await Promise.all(webhookSecrets.map((sealed) => sealAgain(vault, sealed, webhook))),
  };
}

async function sealAgain(vault: Vault, sealed: string, context: SealContext): Promise<string> {
  const secret = await vault.open(sealed, context);
  const fresh = await vault.seal(secret, context);
  const again = await vault.open(fresh, context);
  if (again.reveal() !== secret.reveal())
    throw new Error(
      `The secret ${context.field} of ${context.ownerId} reads differently after it was sealed again.`,
    );
  return fresh;
}
