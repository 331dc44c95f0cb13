import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'redis';
import { EVENT_TYPES } from '../../src/domain/event.ts';
import type { PublishedEvent } from '../../src/domain/event.ts';
import { Secret } from '../../src/domain/secret.ts';
import { cloudEvent, readPublished } from '../../src/events/cloud-event.ts';
import { inProcessEvents } from '../../src/events/in-process.ts';
import { forgetTenant, redisEvents } from '../../src/events/redis.ts';
import type { EventBus, InboundEvent } from '../../src/ports/events.ts';

const url = process.env['TEST_REDIS_URL'];
const skip =
  url === undefined && process.env['REQUIRE_SERVICES'] !== '1' ? 'set TEST_REDIS_URL to run this' : false;

const EVENT: PublishedEvent = {
  id: '7f9c24e5-0000-4000-8000-000000000001',
  tenantId: 'acme',
  sequence: 12,
  type: 'threat:updated',
  subject: 'd0d0caca-0000-4000-8000-000000000002',
  time: '2026-11-22T10:00:00.000Z',
  data: { fields: { status: { before: 'identified', after: 'mitigated' } } },
};

/** What a log was told, and the log. */
function remembering() {
  const lines: string[] = [];
  const keep = (_data: object, message: string) => void lines.push(message);
  return { lines, log: { info: keep, warn: keep, error: keep } };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await wait(10);
}

describe('a cloud event', () => {
  it('has the attributes of CloudEvents 1.0 and our two extensions', () => {
    assert.deepEqual(cloudEvent(EVENT), {
      specversion: '1.0',
      id: EVENT.id,
      source: '/threat-model-integration',
      type: 'threat:updated',
      subject: EVENT.subject,
      time: EVENT.time,
      datacontenttype: 'application/json',
      tenantid: 'acme',
      sequence: '12',
      data: EVENT.data,
    });
  });

  it('comes back from its JSON as the event it was, for every type', () => {
    for (const type of EVENT_TYPES)
      assert.deepEqual(readPublished(JSON.stringify(cloudEvent({ ...EVENT, type }))), { ...EVENT, type });
  });
});

describe('events in process', () => {
  it('reach every listener until it stops, even beside one that throws', async () => {
    const { lines, log } = remembering();
    const bus = inProcessEvents(log);
    const heard: string[] = [];
    bus.subscribe(() => {
      throw new Error('broken');
    });
    const stop = bus.subscribe((event) => heard.push(event.id));
    await bus.publish(EVENT);
    stop();
    await bus.publish(EVENT);
    assert.deepEqual(heard, [EVENT.id]);
    assert.deepEqual(lines, ['a listener to events failed', 'a listener to events failed']);
  });

  it('remember the highest sequence of each tenant', async () => {
    const bus = inProcessEvents(remembering().log);
    await bus.remember(
      new Map([
        ['acme', 7],
        ['umbrella', 3],
      ]),
    );
    await bus.remember(new Map([['acme', 5]]));
    assert.deepEqual(
      [await bus.remembered('acme'), await bus.remembered('umbrella'), await bus.remembered('none')],
      [7, 3, 0],
    );
  });

  it('wakes who waits, and needs no Redis', async () => {
    const bus = inProcessEvents(remembering().log);
    let woken = 0;
    const stop = bus.onWake(() => (woken += 1));
    bus.wake();
    stop();
    bus.wake();
    assert.equal(woken, 1);
    assert.equal(bus.health(), 'none');
    await bus.close();
  });
});

describe('events without their Redis', () => {
  it('start all the same, say so, refuse to publish, wake at home, and close', async () => {
    const { lines, log } = remembering();
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => closed.once('listening', done));
    const { port } = addressOf(closed.address());
    await new Promise((done) => closed.close(done));

    const bus = redisEvents({ installation: 'test', url: new Secret(`redis://127.0.0.1:${port}`), log });
    let woken = 0;
    bus.onWake(() => (woken += 1));
    bus.wake();
    assert.equal(woken, 1);
    assert.equal(bus.health(), 'down');
    await assert.rejects(bus.publish(EVENT));
    await until(() => lines.length > 0);
    assert.equal(bus.health(), 'down');
    await bus.close();
  });
});

describe('events over Redis', { skip }, () => {
  const prefix = `tmi-test-${randomUUID()}:`;
  const { lines, log } = remembering();
  let here: EventBus;
  let there: EventBus;
  let platform: ReturnType<typeof createClient>;

  before(async () => {
    assert.ok(url !== undefined, 'REQUIRE_SERVICES=1 but TEST_REDIS_URL is not set');
    here = redisEvents({ installation: 'test', url: new Secret(url), prefix, log });
    there = redisEvents({ installation: 'test', url: new Secret(url), prefix, log });
    platform = createClient({ url });
    platform.on('error', () => undefined);
    await platform.connect();
    await until(() => here.health() === 'up' && there.health() === 'up');
    // Ready is not yet subscribed: the first wake that arrives over there says that.
    const heard: true[] = [];
    const stop = there.onWake(() => heard.push(true));
    while (heard.length === 0) {
      here.wake();
      await wait(10);
    }
    stop();
  });
  after(async () => {
    platform.destroy();
    await here.close();
    await there.close();
  });

  it('reach the other replica and our own listeners exactly once, as CloudEvents on the channel of their type', async () => {
    const [mine, theirs, raw]: [PublishedEvent[], PublishedEvent[], string[]] = [[], [], []];
    const stops = [
      here.subscribe((event) => mine.push(event)),
      there.subscribe((event) => theirs.push(event)),
    ];
    const listener = platform.duplicate();
    await listener.connect();
    await listener.subscribe(`${prefix}threat:updated`, (text) => raw.push(text));
    await here.publish(EVENT);
    await until(() => theirs.length > 0 && mine.length > 0 && raw.length > 0);
    listener.destroy();
    for (const stop of stops) stop();
    assert.deepEqual([mine, theirs], [[EVENT], [EVENT]]);
    assert.deepEqual(JSON.parse(raw[0] ?? ''), cloudEvent(EVENT));
  });

  it('remember over all replicas how far each tenant has come, for this installation alone', async () => {
    await here.remember(
      new Map([
        ['acme', 12],
        ['umbrella', 4],
      ]),
    );
    await there.remember(new Map([['acme', 9]]));
    await there.remember(new Map());
    assert.deepEqual([await there.remembered('acme'), await there.remembered('umbrella')], [12, 4]);
    await forgetTenant({ installation: 'test', url: new Secret(url ?? ''), prefix }, 'umbrella');
    const key = `${prefix}tmi:published:test`;
    assert.deepEqual(await platform.zRange(key, 0, -1), ['acme'], 'a removed tenant is forgotten');
    const other = redisEvents({ installation: 'other', url: new Secret(url ?? ''), prefix, log });
    await until(() => other.health() === 'up');
    assert.equal(await other.remembered('acme'), 0);
    await other.close();
    await platform.del(key);
    assert.deepEqual(
      [await here.remembered('acme'), await there.remembered('acme')],
      [12, 9],
      'its own at least',
    );
  });

  it('bring in what the platform says, and drop what it does not say properly', async () => {
    const heard: InboundEvent[] = [];
    here.onInbound(async (event) => {
      heard.push(event);
      if (event.id === 'first') throw new Error('not taken');
    });
    const good = {
      specversion: '1.0',
      id: 'first',
      source: '/platform',
      type: 'threat_model:updated',
      tenantid: 'acme',
      data: { id: 'm1' },
      extra: true,
    };
    const channel = `${prefix}threat_model:updated`;
    const bad = [
      'no json',
      'null',
      '{}',
      JSON.stringify({ ...good, type: 'threat_model:deleted' }),
      JSON.stringify({ ...good, specversion: '0.3' }),
      JSON.stringify({ ...good, id: '' }),
      JSON.stringify({ ...good, tenantid: 7 }),
    ];
    lines.length = 0;
    await platform.publish(channel, JSON.stringify(good));
    for (const text of bad) await platform.publish(channel, text);
    await platform.publish(channel, JSON.stringify({ ...good, id: 'last', tenantid: undefined }));
    await until(() => heard.some((event) => event.id === 'last'));
    assert.deepEqual(heard, [
      {
        id: 'first',
        source: '/platform',
        type: 'threat_model:updated',
        tenantId: 'acme',
        data: { id: 'm1' },
      },
      { id: 'last', source: '/platform', type: 'threat_model:updated', data: { id: 'm1' } },
    ]);
    const dropped = lines.filter((line) => line === 'a message on Redis was dropped').length;
    // Both replicas hear and drop each.
    await until(() => lines.filter((line) => line === 'a message on Redis was dropped').length === 14);
    assert.ok(dropped >= 7);
    assert.ok(lines.includes('an event of the platform was not taken in'));
  });

  it('come back by themselves after Redis was away', async () => {
    assert.ok(url !== undefined);
    const target = new URL(url);
    const sockets = new Set<Socket>();
    const proxy = createServer((socket) => {
      const onward = connect(Number(target.port || '6379'), target.hostname);
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        sockets.add(from);
        from.on('error', () => undefined).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const { port } = addressOf(proxy.address());
    const through = new URL(url);
    through.host = `127.0.0.1:${port}`;
    const bus = redisEvents({ installation: 'test', url: new Secret(through.href), prefix, log });
    await until(() => bus.health() === 'up');

    await new Promise((done) => {
      proxy.close(done);
      for (const socket of sockets) socket.destroy();
    });
    await until(() => bus.health() === 'down');
    await assert.rejects(bus.publish(EVENT));

    await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done));
    await until(() => bus.health() === 'up');
    const heard: PublishedEvent[] = [];
    bus.subscribe((event) => heard.push(event));
    while (heard.length === 0) {
      await here.publish(EVENT);
      await wait(10);
    }
    assert.deepEqual(heard[0], EVENT);
    await bus.close();
    await new Promise((done) => {
      proxy.close(done);
      for (const socket of sockets) socket.destroy();
    });
  });
});

function addressOf(address: AddressInfo | string | null): AddressInfo {
  assert.ok(address !== null && typeof address !== 'string');
  return address;
}
