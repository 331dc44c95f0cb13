import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { createClient } from 'redis';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { redisEvents } from '../../src/events/redis.ts';
import { QUIET } from '../store/database.ts';

const url = process.env['TEST_REDIS_URL'];
const skip =
  url === undefined && process.env['REQUIRE_SERVICES'] !== '1' ? 'set TEST_REDIS_URL to run this' : false;

const busAt = (at: string, prefix: string) =>
  redisEvents({ installation: 'test', url: new Secret(at), prefix, log: QUIET });

describe('a service with Redis', () => {
  it('has one pace with its replicas', { skip }, async () => {
    assert.ok(url !== undefined);
    const given = {
      LOG_LEVEL: 'silent',
      DATA_DIR: 'memory',
      REDIS_URL: url,
      JWT_SECRET: 'f3a1c59d7be2048696fa0d3c1be7a8425910dd6c',
      ENCRYPTION_KEY: '8b1f4c6a03d2e597a64bc8f0175d3e92c0ab46f8d91e7352b80c64fa1d9e2753',
    };
    const config = readConfig(given, {
      read: () => assert.fail('no file is named'),
      keep: () => assert.fail('both secrets are given'),
    });
    const service = await compose(config, QUIET);
    try {
      const { body } = await service.app.inject({ method: 'GET', url: '/metrics' });
      assert.match(body, /^tmi_tracker_pace_share (1|0\.25)$/m);
      assert.match(body, /^tmi_tracker_hosts_stopped 0$/m);
    } finally {
      await service.close();
    }
  });
});

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
