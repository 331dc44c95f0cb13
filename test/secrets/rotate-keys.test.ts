import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { systemChance, systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Store } from '../../src/ports/store.ts';
import { givenKeys } from '../../src/secrets/keys.ts';
import { makeVault } from '../../src/secrets/vault.ts';
import { openStore } from '../../src/store/open.ts';
import { credentialContext } from '../../src/sync/credentials.ts';
import { rotateKeys } from '../../src/sync/rotate-keys.ts';
import { installationContext, installationKey, webhookContext } from '../../src/sync/session.ts';
import { memoryStore } from '../simulation/memory-store/store.ts';
import { makeDatabase, QUIET } from '../store/database.ts';
import { anIntegration } from '../store/fixtures.ts';

const OLD = randomBytes(32).toString('hex');
const NEW = randomBytes(32).toString('hex');
const before = makeVault(givenKeys({ current: new Secret(OLD) }));
const during = makeVault(givenKeys({ current: new Secret(NEW), old: [new Secret(OLD)] }));
const afterwards = makeVault(givenKeys({ current: new Secret(NEW) }));
const TENANTS = ['acme', 'umbrella', 'default'];

const inMemory = () => memoryStore({ clock: systemClock, chance: systemChance });

/** What was sealed, to be found again: by tenant and integration, credentials first. */
type Sealed = Map<string, { tenantId: string; id: string; values: readonly string[] }>;

async function fill(store: Store, perTenant: number): Promise<Sealed> {
  const all: Sealed = new Map();
  for (const tenantId of TENANTS)
    for (let index = 0; index < perTenant; index += 1) {
      const integration = anIntegration();
      const { id } = integration;
      const values = ['credentials', 'hook', 'hook before'].map((what) => `${what} of ${tenantId}/${id}`);
      const [credentials = '', ...hooks] = values;
      const sealed = {
        credentials: await before.seal(new Secret(credentials), credentialContext(tenantId, id)),
        webhookSecrets: await Promise.all(
          hooks.map((hook) => before.seal(new Secret(hook), webhookContext(tenantId, id))),
        ),
      };
      await store.tenant(tenantId).transact((tx) => tx.integrations.insert(integration, sealed));
      all.set(id, { tenantId, id, values });
    }
  return all;
}

/** Every value opens with this vault and is what it was. */
async function assertReadable(store: Store, vault: typeof before, all: Sealed): Promise<void> {
  for (const { tenantId, id, values } of all.values()) {
    const sealed = await store.tenant(tenantId).transact((tx) => tx.integrations.sealed(id));
    assert.ok(sealed);
    const webhook = webhookContext(tenantId, id);
    const opened = [
      await vault.open(sealed.credentials, credentialContext(tenantId, id)),
      ...(await Promise.all(sealed.webhookSecrets.map((each) => vault.open(each, webhook)))),
    ];
    assert.deepEqual(
      opened.map((secret) => secret.reveal()),
      values,
    );
  }
}

describe('a change of the encryption key', () => {
  it('leaves nothing that only the old key opens, the key of the marks included, and does nothing twice', async () => {
    const store = inMemory();
    const all = await fill(store, 101);
    const marks = await installationKey({ store, vault: before, chance: systemChance });
    assert.deepEqual(await rotateKeys({ store, vault: during }), { resealed: 304, current: 0 });
    await assertReadable(store, afterwards, all);
    const sealed = (await store.installation.get('mark-key')) ?? assert.fail('it is kept');
    const kept = await afterwards.open(sealed, installationContext('mark-key'));
    assert.equal(kept.reveal(), marks.reveal());
    assert.deepEqual(await store.installation.keysInUse(), [afterwards.currentKey]);
    assert.deepEqual(await rotateKeys({ store, vault: during }), { resealed: 0, current: 304 });
  });

  it('never overwrites what was sealed meanwhile', async () => {
    const store = inMemory();
    const all = await fill(store, 1);
    const [first] = all.values();
    assert.ok(first);
    const { tenantId, id } = first;
    const renewed = await during.seal(new Secret('renewed'), credentialContext(tenantId, id));
    const slow: Store = {
      ...store,
      tenant: (name) => ({
        tenantId: name,
        transact: (work) =>
          store.tenant(name).transact((tx) =>
            work({
              ...tx,
              integrations: {
                ...tx.integrations,
                async sealedAfter(...query) {
                  const rows = await tx.integrations.sealedAfter(...query);
                  if (name === tenantId) await tx.integrations.seal(id, { credentials: renewed });
                  return rows;
                },
              },
            }),
          ),
      }),
    };
    assert.deepEqual(await rotateKeys({ store: slow, vault: during }), { resealed: 2, current: 0 });
    const sealed = await store.tenant(tenantId).transact((tx) => tx.integrations.sealed(id));
    assert.equal(sealed?.credentials, renewed);
    // Its webhook secrets are left to the next one.
    assert.deepEqual(await rotateKeys({ store, vault: during }), { resealed: 1, current: 2 });
  });

  it('stops at what no key opens, and keeps what it has done', async () => {
    const store = inMemory();
    const all = await fill(store, 1);
    const [first] = all.values();
    assert.ok(first);
    const strange = makeVault(givenKeys({ current: new Secret(randomBytes(32).toString('hex')) }));
    const credentials = await strange.seal(new Secret('x'), credentialContext(first.tenantId, first.id));
    await store.tenant(first.tenantId).transact((tx) => tx.integrations.seal(first.id, { credentials }));
    await assert.rejects(rotateKeys({ store, vault: during }), /sealed with key/);
    const keys = await store.installation.keysInUse();
    assert.ok(keys.includes(strange.currentKey));
  });

  it('survives being killed again and again', { timeout: 280_000 }, async () => {
    const serverUrl = process.env['TEST_DATABASE_URL'];
    // The embedded database takes seconds to open each time.
    const kills = serverUrl === undefined ? 6 : 20;
    const database = serverUrl === undefined ? undefined : await makeDatabase(serverUrl);
    const dataDir = await mkdtemp(join(tmpdir(), 'tmi-rotate-'));
    const place = {
      ...(database === undefined ? {} : { databaseUrl: new Secret(database.url) }),
      dataDir,
      log: QUIET,
    };
    const env = {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      ENCRYPTION_KEY: NEW,
      ENCRYPTION_KEYS_OLD: OLD,
      ...(database === undefined ? {} : { DATABASE_URL: database.url }),
    };
    try {
      const first = await openStore(place);
      const all = await fill(first, 150);
      await first.close();
      let cut = 0;
      for (let kill = 0; kill < kills; kill += 1) if (await killed(env, kill * 15)) cut += 1;
      assert.ok(cut > 3, `only ${cut} were still at work when they were killed`);
      const middle = await openStore(place);
      await assertReadable(middle, during, all);
      await middle.close();

      const last = spawn(process.execPath, ['bin/run.mjs', 'src/keys-rotate.ts'], { env });
      let words = '';
      for (const stream of [last.stdout, last.stderr]) stream.on('data', (chunk) => (words += String(chunk)));
      const [code]: unknown[] = await once(last, 'exit');
      assert.equal(code, 0, words);
      assert.match(words, /No other key is in use/);
      const end = await openStore(place);
      await assertReadable(end, afterwards, all);
      await end.close();
    } finally {
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

/** Starts a rotation and kills it so many milliseconds after it began to seal. True: it was still at work. */
async function killed(env: NodeJS.ProcessEnv, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, ['bin/run.mjs', 'src/keys-rotate.ts'], { env });
  const ended = once(child, 'exit');
  let words = '';
  child.stderr.on('data', (chunk) => (words += String(chunk)));
  const began = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  if (began === undefined) assert.fail(`it ended by itself before it began: ${words}`);
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [, signal]: unknown[] = await ended;
  return signal === 'SIGKILL';
}
