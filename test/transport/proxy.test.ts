import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AppError, TrackerError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { TrackerRequest } from '../../src/ports/tracker.ts';
import { isNamed } from '../../src/transport/proxy.ts';
import { authority } from './certificates.ts';
import { connectProxy, secureTracker } from './proxy-world.ts';
import { connectionTo, CONTEXT, never, serve, transportFor } from './world.ts';

const GET: TrackerRequest = { method: 'GET', path: '/' };
const HOST = 'tracker.example.com';
const PATIENT = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };
const company = authority();

function through(port: number, given: { except?: string[]; resolves?: string[]; account?: string } = {}) {
  const { except = [], resolves = [], account = '' } = given;
  return { url: new Secret(`http://${account}127.0.0.1:${port}`), except, resolves };
}

/** A name server that says the same of every name. */
function resolvesTo(address: string) {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (name: string) => {
      asked.push(name);
      return [{ address, family: 4 }];
    },
  };
}

function trusted(url: string, ca = company.certificate) {
  return { ...connectionTo(url), tls: { ca } };
}

async function failure(sent: Promise<unknown>) {
  const error: unknown = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return {
    code: error.code,
    message: error.message,
    arrived: error instanceof TrackerError ? error.arrived : '',
  };
}

describe('behind a proxy', () => {
  it('goes to an https tracker through CONNECT, with TLS to the tracker itself', async () => {
    await using tracker = await secureTracker(company.issue(HOST));
    await using proxy = await connectProxy(() => tracker.port);
    const names = resolvesTo('140.82.112.5');
    await using world = transportFor({
      proxy: through(proxy.port, { account: 'us%40corp:p%3Aw@' }),
      resolve: names.resolve,
      timeouts: PATIENT,
      cidrs: [],
    });
    const { send } = world.transport.open(trusted(`https://${HOST}/api`), CONTEXT);
    assert.equal((await send(GET, never)).status, 200);
    assert.deepEqual(
      tracker.seen.map(({ path, authorization }) => [path, authorization]),
      [['/api/', 'Bearer canary-token']],
    );
    assert.deepEqual(proxy.asked, [
      {
        authority: `${HOST}:443`,
        authorization: `Basic ${Buffer.from('us@corp:p:w').toString('base64')}`,
      },
    ]);
    assert.deepEqual(names.asked, [HOST], 'the name was looked up here, too');
  });

  it('reaches the proxy itself by TLS when its address says so', async () => {
    const own = authority('Authority of the proxy');
    await using tracker = await secureTracker(company.issue(HOST));
    await using proxy = await connectProxy(() => tracker.port, own.issue('127.0.0.1'));
    const options = {
      proxy: { url: new Secret(`https://127.0.0.1:${proxy.port}`), except: [], resolves: [] },
      resolve: resolvesTo('140.82.112.5').resolve,
      timeouts: PATIENT,
    };
    await using strange = transportFor(options);
    const refused = strange.transport.open(trusted(`https://${HOST}`), CONTEXT);
    const { message } = await failure(refused.send({ method: 'POST', path: '/' }, never));
    assert.match(message, /the proxy cannot be reached/, 'nobody we trust has signed its certificate');
    assert.equal(proxy.asked.length, 0);
    const usual = getCACertificates();
    setDefaultCACertificates([own.certificate]);
    try {
      await using world = transportFor(options);
      const { send } = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
      assert.equal((await send(GET, never)).status, 200);
    } finally {
      setDefaultCACertificates(usual);
    }
    assert.equal(proxy.asked.length, 1);
  });

  it('keeps the guard: no tunnel for literals, names and answers that lead inwards', async () => {
    await using tracker = await secureTracker(company.issue(HOST));
    await using proxy = await connectProxy(() => tracker.port);
    const inward = ['127.0.0.1', '10.0.0.7', '169.254.169.254', '100.100.100.200'];
    for (const address of inward) {
      await using world = transportFor({
        proxy: through(proxy.port),
        resolve: resolvesTo(address).resolve,
        cidrs: [],
      });
      const { send } = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
      assert.equal((await failure(send(GET, never))).code, 'base-url-refused', address);
      await assert.rejects(world.transport.admit(new URL(`https://${HOST}`)), { code: 'base-url-refused' });
      assert.throws(() => world.transport.open(trusted(`https://${address}`), CONTEXT), {
        code: 'base-url-refused',
      });
    }
    assert.equal(proxy.asked.length, 0);
    assert.equal(tracker.connections(), 0);
  });

  it('refuses one bad address among good ones', async () => {
    await using proxy = await connectProxy(() => ({ status: 500 }));
    await using world = transportFor({
      proxy: through(proxy.port),
      resolve: async () => [
        { address: '140.82.112.5', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
      cidrs: [],
    });
    const { send } = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
    assert.equal((await failure(send(GET, never))).code, 'base-url-refused');
    assert.equal(proxy.asked.length, 0);
  });

  it('sends nothing to a server that cannot prove the name, wherever the proxy was led', async () => {
    await using inside = await secureTracker(company.issue('intranet.example.com'));
    await using proxy = await connectProxy(() => inside.port);
    await using world = transportFor({
      proxy: through(proxy.port),
      resolve: resolvesTo('140.82.112.5').resolve,
      timeouts: PATIENT,
    });
    const way = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
    const { code, arrived } = await failure(way.send({ method: 'POST', path: '/' }, never));
    assert.deepEqual([code, arrived, way.calls()], ['tracker-unreachable', 'no', 1]);
    assert.equal(inside.connections(), 1, 'the tunnel led there');
    assert.deepEqual(inside.seen, [], 'and no request went into it');
  });

  it('leaves a name to the proxy only where the operator says so', async () => {
    await using tracker = await secureTracker(company.issue(HOST));
    await using proxy = await connectProxy(() => tracker.port);
    const asked: string[] = [];
    const resolve = async (name: string): Promise<never> => {
      asked.push(name);
      throw new Error('ENOTFOUND');
    };
    await using strict = transportFor({ proxy: through(proxy.port), resolve, timeouts: PATIENT });
    const refused = await failure(
      strict.transport.open(trusted(`https://${HOST}`), CONTEXT).send({ method: 'POST', path: '/' }, never),
    );
    assert.deepEqual([refused.code, refused.arrived], ['tracker-unreachable', 'no']);
    assert.match(refused.message, /PROXY_RESOLVES/);
    assert.equal(proxy.asked.length, 0);
    asked.length = 0;
    await using left = transportFor({
      proxy: through(proxy.port, { resolves: ['.example.com'] }),
      resolve,
      timeouts: PATIENT,
    });
    await left.transport.admit(new URL(`https://${HOST}`));
    const { send } = left.transport.open(trusted(`https://${HOST}`), CONTEXT);
    assert.equal((await send(GET, never)).status, 200);
    assert.deepEqual(asked, []);
  });

  it('goes to exceptions itself, with all that the guard says of them', async () => {
    await using tracker = await secureTracker(company.issue(HOST));
    await using proxy = await connectProxy(() => ({ status: 500 }));
    const proxied = { proxy: through(proxy.port, { except: ['.example.com'] }), timeouts: PATIENT };
    await using world = transportFor({ ...proxied, resolve: resolvesTo('127.0.0.1').resolve });
    const { send } = world.transport.open(trusted(`https://${HOST}:${tracker.port}`), CONTEXT);
    assert.equal((await send(GET, never)).status, 200);
    await using strict = transportFor({ ...proxied, resolve: resolvesTo('127.0.0.1').resolve, cidrs: [] });
    const refused = strict.transport.open(trusted(`https://${HOST}:${tracker.port}`), CONTEXT);
    assert.equal((await failure(refused.send(GET, never))).code, 'base-url-refused');
    assert.equal(proxy.asked.length, 0);
    assert.equal(tracker.seen.length, 1);
  });

  it('never takes plain http through it', async () => {
    await using tracker = await serve((_request, response) => response.end('{}'));
    await using proxy = await connectProxy(() => ({ status: 500 }));
    await using world = transportFor({ proxy: through(proxy.port), timeouts: PATIENT });
    const { send } = world.transport.open(connectionTo(tracker.url), CONTEXT);
    assert.equal((await send(GET, never)).status, 200);
    assert.deepEqual([proxy.asked, proxy.plain], [[], []]);
  });

  it('says that nothing arrived when the proxy refuses, and asks again only where that may help', async () => {
    const refusals = { 403: 1, 407: 1, 502: 4 };
    for (const [status, calls] of Object.entries(refusals)) {
      await using proxy = await connectProxy(() => ({ status: Number(status) }));
      await using world = transportFor({
        proxy: through(proxy.port, { account: 'us:canary-password@' }),
        resolve: resolvesTo('140.82.112.5').resolve,
        timeouts: PATIENT,
      });
      const way = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
      const { code, arrived, message } = await failure(way.send({ method: 'POST', path: '/' }, never));
      assert.deepEqual([code, arrived, way.calls()], ['tracker-unreachable', 'no', calls], status);
      assert.ok(message.includes(`(${status})`) && !message.includes('canary'), message);
    }
  });

  it('gives up on a proxy that is silent or not there, and does not tell where it stands', async () => {
    await using silent = await serve(() => {});
    const gone = await serve(() => {});
    await gone[Symbol.asyncDispose]();
    for (const port of [silent.port, gone.port]) {
      await using world = transportFor({
        proxy: through(port),
        resolve: resolvesTo('140.82.112.5').resolve,
        timeouts: { connectMs: 100, headersMs: 30_000, bodyMs: 30_000 },
      });
      const { send } = world.transport.open(trusted(`https://${HOST}`), CONTEXT);
      const { code, arrived, message } = await failure(send({ method: 'POST', path: '/' }, never));
      assert.deepEqual([code, arrived], ['tracker-unreachable', 'no']);
      assert.ok(!message.includes(String(port)) && !message.includes('127.0.0.1'), message);
    }
  });
});

const named = (entry: string, host: string, port = 443): boolean => isNamed([entry], host, port);

describe('an entry of NO_PROXY', () => {
  it('stands for a name and what lies below it, an address, a network, a port, or all', () => {
    for (const entry of [
      'example.com',
      '.example.com',
      '*.example.com',
      'EXAMPLE.com',
      'example.com:443',
      '*',
    ])
      assert.ok(named(entry, 'git.example.com'), entry);
    for (const entry of [
      'git.example.com',
      'xample.com',
      'example.com:8443',
      'example',
      '',
      '.',
      '[',
      '10.0.0.0/8',
    ])
      assert.equal(named(entry, 'evil-example.com'), false, entry);
    assert.equal(named('example.com:8443', 'example.com'), false);
    for (const entry of ['10.0.0.0/8', '10.1.2.3', '10.1.2.3:443'])
      assert.ok(named(entry, '10.1.2.3'), entry);
    for (const entry of ['fd00::/8', 'fd00::1', '[fd00::1]', '[fd00::1]:443', 'FD00:0::1'])
      assert.ok(named(entry, 'fd00::1'), entry);
    for (const entry of ['11.0.0.0/8', '10.1.2.4', '2.3', '10.1.2.3:80', 'fd00::/8', '3'])
      assert.equal(named(entry, '10.1.2.3'), false, entry);
  });
});
