import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { EncryptionKey, KeyProvider } from '../../src/ports/key-provider.ts';
import { givenKeys } from '../../src/secrets/keys.ts';
import { makeVault } from '../../src/secrets/vault.ts';
import { house } from '../sync/house.ts';
import { assertConverged, newTeam } from '../sync/team.ts';

/** A key management service: it computes a MAC for whoever asks, and never shows its key. */
async function startKms() {
  const key = randomBytes(64);
  let isAway = false;
  const server = createServer((request, response) => {
    const of = new URL(request.url ?? '', 'http://kms').searchParams.get('of') ?? '';
    if (isAway) return void response.writeHead(503).end();
    response.end(createHmac('sha512', key).update(of).digest());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    url: `http://127.0.0.1:${address.port}/mac`,
    away(now: boolean) {
      isAway = now;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function keyAt(url: string): EncryptionKey {
  return {
    id: '0badcafe',
    async of(tenantId) {
      const answer = await fetch(`${url}?of=${encodeURIComponent(`tmi|${tenantId}`)}`);
      if (!answer.ok) throw new AppError('unavailable', 'The key management service does not answer.');
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}

const PLACE = { tenantId: 'acme', ownerId: 'c0ffee00-0000-4000-8000-000000000001', field: 'credentials' };
const env = givenKeys({ current: new Secret(randomBytes(32).toString('hex')) });

describe('keys that a key management service keeps', () => {
  const given = house();
  let kms: Awaited<ReturnType<typeof startKms>>;
  let keys: KeyProvider;
  before(async () => {
    kms = await startKms();
    keys = { current: keyAt(kms.url), old: [env.current] };
  });
  after(() => kms.close());

  it('seal and open, each tenant with bytes of its own, and take over from a key of the configuration', async () => {
    const vault = makeVault(keys);
    const earlier = await makeVault(env).seal(new Secret('sealed before'), PLACE);
    assert.equal((await vault.open(earlier, PLACE)).reveal(), 'sealed before');
    const sealed = await vault.seal(new Secret('sealed now'), PLACE);
    assert.equal(vault.keyOf(sealed), '0badcafe');
    assert.equal((await vault.open(sealed, PLACE)).reveal(), 'sealed now');
    await assert.rejects(vault.open(sealed, { ...PLACE, tenantId: 'umbrella' }), {
      code: 'sealed-unreadable',
    });
    await assert.rejects(makeVault(env).open(sealed, PLACE), { code: 'sealed-unreadable' });
  });

  it('are not taken for lost while nobody answers', async () => {
    const vault = makeVault(keys);
    const sealed = await vault.seal(new Secret('kept'), PLACE);
    kms.away(true);
    await assert.rejects(vault.open(sealed, PLACE), { code: 'unavailable' });
    await assert.rejects(vault.seal(new Secret('t'), PLACE), { code: 'unavailable' });
    kms.away(false);
    assert.equal((await vault.open(sealed, PLACE)).reveal(), 'kept');
  });

  it('serve the whole service, which waits for them and goes on', async () => {
    await given().start({ keys });
    const team = await newTeam(given());
    kms.away(true);
    const run = await team.sync();
    assert.deepEqual([run.state, run.error?.code], ['failed', 'unavailable']);
    kms.away(false);
    assert.equal((await team.sync()).state, 'completed');
    await team.settled();
    await assertConverged(team, 1);
  });
});
