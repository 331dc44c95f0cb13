// Seals everything with the current ENCRYPTION_KEY that a key of ENCRYPTION_KEYS_OLD has sealed: npm run keys:rotate
import { loadConfig } from './config.ts';
import { messageOf } from './domain/errors.ts';
import { openLog } from './observe/log.ts';
import { givenKeys } from './secrets/keys.ts';
import { makeVault } from './secrets/vault.ts';
import { openStore } from './store/open.ts';
import { rotateKeys } from './sync/rotate-keys.ts';

async function main(): Promise<void> {
  const config = loadConfig();
  const { databaseUrl, dataDir } = config;
  const log = openLog({ level: config.logLevel, isPretty: false });
  const store = await openStore({ ...(databaseUrl === undefined ? {} : { databaseUrl }), dataDir, log });
  try {
    const vault = makeVault(givenKeys({ current: config.encryptionKey, old: config.oldEncryptionKeys }));
    process.stdout.write(`Sealing with key ${vault.currentKey} …\n`);
    const { resealed, current } = await rotateKeys({ store, vault });
    const left = (await store.installation.keysInUse()).filter((key) => key !== vault.currentKey);
    process.stdout.write(`${resealed} sealed with key ${vault.currentKey} now; ${current} were already.\n`);
    if (left.length > 0)
      throw new Error(`Something is still sealed with ${left.join(', ')}: run this once more.`);
    process.stdout.write('No other key is in use: ENCRYPTION_KEYS_OLD can be emptied.\n');
  } finally {
    await store.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
