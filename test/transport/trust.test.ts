import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrackerError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { TlsTrust, TrackerRequest } from '../../src/ports/tracker.ts';
import { authority, type Identity } from './certificates.ts';
import { connectProxy, secureTracker } from './proxy-world.ts';
import { connectionTo, CONTEXT, never, transportFor } from './world.ts';

const GET: TrackerRequest = { method: 'GET', path: '/' };
const TIMEOUTS = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };
const company = authority('A company');
const others = authority('Others');

function identity({ certificate, key }: Identity): Required<TlsTrust>['client'] {
  return { certificate, key: new Secret(key) };
}

async function unreachable(sent: Promise<unknown>): Promise<TrackerError> {
  const error: unknown = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrackerError, String(error));
  assert.equal(error.code, 'tracker-unreachable');
  return error;
}

describe('whom a connection trusts', () => {
  it('is the given authority for its integration, and for nobody else', async () => {
    await using tracker = await secureTracker(company.issue('127.0.0.1'));
    await using world = transportFor({ timeouts: TIMEOUTS });
    const url = `https://127.0.0.1:${tracker.port}`;
    const mine = world.transport.open({ ...connectionTo(url), tls: { ca: company.certificate } }, CONTEXT);
    const yours = world.transport.open(connectionTo(url), { ...CONTEXT, integrationId: 'two' });
    assert.equal((await mine.send(GET, never)).status, 200);
    const error = await unreachable(yours.send(GET, never));
    assert.equal(error.resumeAt, undefined, 'only a person can help');
    assert.equal(tracker.seen.length, 1, 'the open connection of the first was not lent to the second');
  });

  it('stands in place of every other authority', async () => {
    await using tracker = await secureTracker(company.issue('127.0.0.1'));
    await using world = transportFor({ timeouts: TIMEOUTS });
    const connection = connectionTo(`https://127.0.0.1:${tracker.port}`);
    const both = `${others.certificate}\n${company.certificate}`;
    for (const [ca, reached] of [
      [others.certificate, false],
      [both, true],
    ] as const) {
      const { send } = world.transport.open({ ...connection, tls: { ca } }, CONTEXT);
      if (reached) assert.equal((await send(GET, never)).status, 200);
      else await unreachable(send(GET, never));
    }
  });

  it('must vouch for the name, too', async () => {
    await using tracker = await secureTracker(company.issue('other.example.com'));
    await using world = transportFor({ timeouts: TIMEOUTS });
    const connection = connectionTo(`https://127.0.0.1:${tracker.port}`);
    const { send } = world.transport.open({ ...connection, tls: { ca: company.certificate } }, CONTEXT);
    await unreachable(send(GET, never));
    assert.equal(tracker.seen.length, 0);
  });

  it('is not widened by an environment that switches verification off', async () => {
    await using tracker = await secureTracker(company.issue('127.0.0.1'));
    await using world = transportFor({ timeouts: TIMEOUTS });
    const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
    process.env[name] = '0';
    try {
      await unreachable(
        world.transport.open(connectionTo(`https://127.0.0.1:${tracker.port}`), CONTEXT).send(GET, never),
      );
    } finally {
      delete process.env[name];
    }
    assert.equal(tracker.seen.length, 0);
  });

  it('fails in words when the certificates are unreadable', async () => {
    await using world = transportFor({ timeouts: TIMEOUTS });
    const client = { certificate: 'nonsense', key: new Secret('canary-key') };
    const { send } = world.transport.open(
      { ...connectionTo('https://127.0.0.1:9'), tls: { client } },
      CONTEXT,
    );
    const { message } = await unreachable(send(GET, never));
    assert.ok(!message.includes('canary'), message);
  });
});

describe('who we are', () => {
  const asksWho = { requestCert: true, rejectUnauthorized: true, ca: company.certificate };

  it('is shown to a server that asks, by the integration that has it alone', async () => {
    await using tracker = await secureTracker(company.issue('127.0.0.1'), asksWho);
    await using world = transportFor({ timeouts: TIMEOUTS });
    const connection = connectionTo(`https://127.0.0.1:${tracker.port}`);
    const ca = company.certificate;
    const known = { ca, client: identity(company.issue('us.example.com')) };
    const strange = { ca, client: identity(others.issue('them.example.com')) };
    const send = (tls: TlsTrust) =>
      world.transport.open({ ...connection, tls }, CONTEXT).send({ method: 'POST', path: '/' }, never);
    assert.equal((await send(known)).status, 200);
    await unreachable(send({ ca }));
    await unreachable(send(strange));
    assert.deepEqual(
      tracker.seen.map(({ client }) => client),
      ['CN=us.example.com'],
    );
  });

  it('is shown inside a tunnel, not to the proxy', async () => {
    await using tracker = await secureTracker(company.issue('tracker.example.com'), asksWho);
    await using proxy = await connectProxy(() => tracker.port);
    await using world = transportFor({
      proxy: { url: new Secret(`http://127.0.0.1:${proxy.port}`), except: [], resolves: ['*'] },
      timeouts: TIMEOUTS,
    });
    const tls = { ca: company.certificate, client: identity(company.issue('us.example.com')) };
    const connection = { ...connectionTo('https://tracker.example.com'), tls };
    assert.equal((await world.transport.open(connection, CONTEXT).send(GET, never)).status, 200);
    assert.equal(tracker.seen[0]?.client, 'CN=us.example.com');
  });
});
