// Removes everything of one tenant: npm run tenants:remove -- --tenant T [--export FILE] --yes
import { open, rename, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { systemChance, systemClock } from './clock.ts';
import { packageVersion } from './compose.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { installationId } from './domain/mark.ts';
import { forgetTenant } from './events/redis.ts';
import { openLog } from './observe/log.ts';
import { openMetrics } from './observe/metrics.ts';
import type { Log } from './ports/clock.ts';
import { providers } from './providers/registry.ts';
import { givenKeys } from './secrets/keys.ts';
import { makeVault } from './secrets/vault.ts';
import { openStore } from './store/open.ts';
import type { OpenStore } from './store/open.ts';
import { removeTenant } from './sync/remove-tenant.ts';
import type { ExportTo, Removal } from './sync/remove-tenant.ts';
import { installationKey } from './sync/session.ts';
import { openPolicy } from './transport/guard.ts';
import { openTransport } from './transport/transport.ts';

const USAGE = `Usage: npm run tenants:remove -- --tenant T [--export FILE] --yes
  --export  write everything of the tenant to a new file first, as JSON lines, without secrets
  --yes     it cannot be taken back`;

const Options = z.object({
  tenant: z.string({ error: 'is missing' }).min(1),
  export: z.string().min(1).optional(),
  yes: z.literal(true, { error: 'is missing: everything of the tenant will be gone' }),
});

/** Readable by nobody else. */
const MODE = 0o600;

function optionsOf(args: string[]): z.infer<typeof Options> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { tenant: text, export: text, yes: { type: 'boolean' } } });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new TypeError(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '),
  );
}

/** Under another name until it is whole. Throws `conflict` where there is such a file. */
async function exportTo(file: string): Promise<ExportTo & { close(): Promise<void> }> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new AppError('conflict', `There is a file ${file} already.`);
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', MODE);
  return {
    take: (line) => handle.appendFile(line),
    async end() {
      await handle.sync();
      await rename(partial, file);
    },
    close: () => handle.close(),
  };
}

async function remove(
  config: Readonly<Config>,
  store: OpenStore,
  log: Log,
  tenantId: string,
  to: ExportTo | undefined,
): Promise<Removal> {
  const { encryptionKey, oldEncryptionKeys, redisUrl } = config;
  const vault = makeVault(givenKeys({ current: encryptionKey, old: oldEncryptionKeys }));
  const version = packageVersion();
  const outbound = openTransport({
    clock: systemClock,
    chance: systemChance,
    log,
    metrics: openMetrics(version, async () => []),
    policy: openPolicy(config.trackers),
    userAgent: `threat-model-integration/${version}`,
  });
  try {
    const forget = async (gone: string): Promise<void> => {
      if (redisUrl === undefined) return;
      const key = await installationKey({ store, vault, chance: systemChance });
      await forgetTenant({ url: redisUrl, installation: installationId(key) }, gone);
    };
    return await removeTenant(
      { store, vault, providers, outbound, clock: systemClock, log, forget },
      tenantId,
      to,
    );
  } finally {
    await outbound.close();
  }
}

async function main(): Promise<void> {
  const { tenant, export: file } = optionsOf(process.argv.slice(2));
  const config = loadConfig();
  const { databaseUrl, dataDir, logLevel } = config;
  const log = openLog({ level: logLevel, isPretty: false });
  const to = file === undefined ? undefined : await exportTo(file);
  const store = await openStore({ ...(databaseUrl === undefined ? {} : { databaseUrl }), dataDir, log });
  try {
    const { rows, hooksLeft } = await remove(config, store, log, tenant, to);
    process.stdout.write(`${rows} rows of tenant "${tenant}" are gone; no other can come in.\n`);
    for (const { integration, url, reason } of hooksLeft)
      process.stdout.write(`Remove by hand: the webhook of "${integration}" to ${url}. ${reason}\n`);
  } finally {
    await store.close();
    await to?.close();
  }
}

try {
  await main();
} catch (error) {
  const isMistyped = error instanceof TypeError;
  process.stderr.write(`${messageOf(error)}\n${isMistyped ? `${USAGE}\n` : ''}`);
  process.exitCode = isMistyped ? 64 : 1;
}
