import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fc } from '../properties.ts';
import type { Resolve } from '../../src/transport/guard.ts';
import { connectionTo, CONTEXT, never, serve, transportFor } from '../transport/world.ts';
import { times } from './effort.ts';
import { INWARD_ADDRESSES } from './hostile-hosts.ts';
import { answers, PUBLIC_ADDRESS } from './hostile-urls.ts';
import { isInward, openSink, watchDials } from './sink.ts';
import { unguarded } from './unguarded.ts';

/** What a name server says when the service connects, after it has said something harmless: an inward address among others. */
const trial = fc.record({
  inward: fc.constantFrom(...INWARD_ADDRESSES),
  others: fc.array(fc.constantFrom(PUBLIC_ADDRESS, '2606:50c0:8000::153', ...INWARD_ADDRESSES), {
    maxLength: 3,
  }),
  at: fc.nat(3),
  scheme: fc.constantFrom('http', 'https'),
  /** How many look-ups are answered harmlessly before. */
  patience: fc.integer({ min: 1, max: 3 }),
});
type Trial = typeof trial extends fc.Arbitrary<infer T> ? T : never;

const badAnswers = ({ inward, others, at }: Trial): readonly string[] => others.toSpliced(at, 0, inward);

describe('a name server that changes its mind', () => {
  let sink: Awaited<ReturnType<typeof openSink>>;
  let home: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    sink = await openSink();
    home = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end('{}');
    });
  });
  after(async () => {
    await sink[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });

  it('between the check and the connection reaches nobody', async (t) => {
    using watch = watchDials();
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(trial, async (each) => {
        tried += 1;
        let asked = 0;
        const resolve: Resolve = async () =>
          ++asked <= each.patience ? answers(PUBLIC_ADDRESS) : answers(...badAnswers(each));
        await using world = transportFor({
          cidrs: ['10.99.0.0/16'],
          allowHttp: each.scheme === 'http',
          resolve,
        });
        const root = new URL(`https://rebind.example:${sink.port}/`);
        for (let look = 0; look < each.patience; look += 1) await world.transport.admit(root);
        const { send } = world.transport.open({ ...connectionTo(root.href), apiRoot: root }, CONTEXT);
        await assert.rejects(send({ method: 'GET', path: '/' }, never), { code: 'base-url-refused' });
        assert.deepEqual(watch.dials, []);
      }),
      { numRuns: times(500, 100) },
    );
    t.diagnostic(`${tried} trials, ${sink.connections() + watch.dials.length} reached`);
    assert.equal(sink.connections(), 0);
  });

  it('between two requests reaches nobody: a new connection is a new judgement', async (t) => {
    using watch = watchDials();
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(trial, async (each) => {
        tried += 1;
        let isTurned = false;
        const bad = badAnswers(each).filter((address) => address !== '127.0.0.1');
        fc.pre(bad.some(isInward));
        const resolve: Resolve = async () => (isTurned ? answers(...bad) : answers('127.0.0.1'));
        await using world = transportFor({ cidrs: ['127.0.0.1/32'], resolve });
        const { send } = world.transport.open(connectionTo(`http://rebind.example:${home.port}`), CONTEXT);
        assert.equal((await send({ method: 'GET', path: '/' }, never)).status, 200);
        isTurned = true;
        await assert.rejects(send({ method: 'GET', path: '/' }, never), { code: 'base-url-refused' });
      }),
      { numRuns: times(500, 50) },
    );
    const strange = watch.dials.filter(({ address }) => address !== '127.0.0.1');
    t.diagnostic(`${tried} trials, ${strange.length} reached`);
    assert.deepEqual(strange, []);
  });

  it('would reach us without the guard', async (t) => {
    const called: string[] = [];
    const resolve: Resolve = async () =>
      answers(PUBLIC_ADDRESS, called.length % 2 === 0 ? '169.254.169.254' : '127.0.0.1');
    const outbound = unguarded(resolve, (address) => called.push(address));
    const { send } = outbound.open(connectionTo(`http://rebind.example:${sink.port}`), CONTEXT);
    for (let turn = 0; turn < 2; turn += 1) await assert.rejects(send({ method: 'GET', path: '/' }, never));
    await outbound.close();
    t.diagnostic(
      `without the guard ${sink.connections()} reached loopback, ${called.length} more left inwards`,
    );
    assert.deepEqual([sink.connections(), called], [1, ['169.254.169.254']]);
  });
});
