import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { createClient } from 'redis';
import { Secret } from '../../src/domain/secret.ts';
import { redisEvents } from '../../src/events/redis.ts';
import { QUIET } from '../store/database.ts';

const url = process.env['TEST_REDIS_URL'];
const skip =
  url === undefined && process.env['REQUIRE_SERVICES'] !== '1' ? 'set TEST_REDIS_URL to run this' : false;

const busAt = (at: string, prefix: string) =>
  redisEvents({ installation: 'test', url: new Secret(at), prefix, log: QUIET });

describe('events that have opened', () => {
  it('can be asked at once what is remembered', { skip }, async () => {
    assert.ok(url !== undefined);
    const prefix = `tmi_test_${randomUUID()}:`;
    const here = busAt(url, prefix);
    await here.opened();
    await here.remember(new Map([['acme', 7]]));
    const other = busAt(url, prefix);
    await other.opened();
    assert.equal(await other.remembered('acme'), 7);
    await other.opened();
    for (const bus of [here, other]) await bus.close();
    const redis = createClient({ url });
    await redis.connect();
    await redis.del(`${prefix}tmi:published:test`);
    redis.destroy();
  });

  it('wait for no Redis for ever', async () => {
    const nobody = busAt('redis://127.0.0.1:1', '');
    await nobody.opened();
    assert.deepEqual([nobody.health(), await nobody.remembered('acme')], ['down', 0]);
    await nobody.close();
  });
});
