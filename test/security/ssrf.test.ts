import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { readConfig } from '../../src/config.ts';
import { keySetAt, keySetEndpoint } from '../../src/http/key-set.ts';
import type { Outbound } from '../../src/ports/outbound.ts';
import { platformClient } from '../../src/sources/platform-client.ts';
import { platformEndpoint } from '../../src/sources/platform-endpoint.ts';
import { SECRET } from '../http/house.ts';
import { PUBLISHED } from '../providers/published.ts';
import { transportFor } from '../transport/world.ts';
import { chosen } from './effort.ts';
import { hostileNames, hostileUrls, type HostileUrl } from './hostile-urls.ts';
import { openService, type House } from './service.ts';
import { isInward, openSink, watchDials } from './sink.ts';
import { unguarded } from './unguarded.ts';

const PROVIDERS = ['github', 'gitlab', 'jira', 'azure_devops'] as const;
/** The operator has opened a network of his own, and plain http into it: the widest door that can be configured. */
const OPENED = { TRACKER_ALLOWED_CIDRS: '10.99.0.0/16', TRACKER_ALLOW_HTTP: 'true' };
const CONTEXT = { tenantId: 'default', integrationId: 'attack' };
const NEVER = new AbortController().signal;
const Made = z.object({ id: z.string() });

/** The published integration, at another address. */
function integrationAt(provider: (typeof PROVIDERS)[number], baseUrl: string) {
  const { config, credentials } = PUBLISHED[provider];
  return { provider, config: { ...config, baseUrl }, credentials };
}

type Flow = (house: House, each: HostileUrl, provider: (typeof PROVIDERS)[number]) => Promise<number>;

/** Where a caller may write an address that we call. */
const FIELDS: Readonly<Record<string, Flow>> = {
  'the base URL of a new integration': async (house, { url }, provider) =>
    (await house.ask('POST', '/api/integrations', { name: 'x', ...integrationAt(provider, url) })).status,
  'the base URL of a connection test': async (house, { url }, provider) =>
    (await house.ask('POST', '/api/integrations/connect', integrationAt(provider, url))).status,
  'the base URL of a changed integration': async (house, { url }, provider) => {
    const { provider: _, ...change } = integrationAt(provider, url);
    return (await house.ask('PUT', `/api/integrations/${await ownOf(house, provider)}`, change)).status;
  },
};

const own = new Map<string, string>();
/** An integration that is there already; its tracker's name leads nowhere now. */
async function ownOf(house: House, provider: (typeof PROVIDERS)[number]): Promise<string> {
  const known = own.get(provider);
  if (known !== undefined) return known;
  const base = provider === 'gitlab' ? 'https://tracker.example/api/v4' : 'https://tracker.example';
  const body = { name: provider, ...integrationAt(provider, base), enabled: false };
  const made = await house.ask('POST', '/api/integrations', body);
  assert.equal(made.status, 201, made.text);
  const { id } = Made.parse(JSON.parse(made.text));
  own.set(provider, id);
  return id;
}

describe('a hostile URL', () => {
  let sink: Awaited<ReturnType<typeof openSink>>;
  let urls: readonly HostileUrl[];
  let house: House;
  before(async () => {
    sink = await openSink();
    urls = hostileUrls(sink.port);
    house = await openService(OPENED, { network: { resolve: hostileNames } });
  });
  after(async () => {
    await house.close();
    await sink[Symbol.asyncDispose]();
  });

  it('is one of more than a thousand', () => {
    assert.ok(urls.length > 1000, String(urls.length));
    assert.equal(new Set(urls.map(({ kind }) => kind)).size > 30, true);
  });

  for (const [field, flow] of Object.entries(FIELDS))
    it(`is refused as ${field}, and nobody is called`, async (t) => {
      using watch = watchDials();
      const reached = sink.connections();
      const tried = chosen(urls, 150);
      const accepted: string[] = [];
      for (const [index, each] of tried.entries()) {
        const provider = PROVIDERS[index % PROVIDERS.length] ?? 'github';
        const status = await flow(house, each, provider);
        if (status !== 400 && status !== 422) accepted.push(`${status} ${each.kind}: ${each.url}`);
        if (accepted.length > 2) break;
      }
      const inward = watch.dials.filter(({ address }) => isInward(address));
      const hits = sink.connections() - reached + inward.length;
      t.diagnostic(`${tried.length} hostile URLs, ${hits} reached`);
      assert.deepEqual([hits, inward, accepted], [0, [], []]);
    });

  /** What an operator configures is his own choice, and still never leads to a metadata service or past the networks he named. */
  const CONFIGURED: Readonly<Record<string, (outbound: Outbound, url: string) => Promise<unknown>>> = {
    THREAT_MODEL_API_URL: (outbound, url) =>
      platformClient(outbound.open(platformEndpoint({ url }), CONTEXT).send).model('x', NEVER),
    JWT_JWKS_URL: async (outbound, url) => {
      const keys = keySetAt(url, outbound.open(keySetEndpoint(url), CONTEXT).send, 0);
      return keys({ alg: 'RS256', kid: 'x' }, { payload: '', signature: '' });
    },
  };
  const configure = (name: string, url: string): string | undefined => {
    const config = readConfig(
      { JWT_SECRET: SECRET, ENCRYPTION_KEY: '2c'.repeat(32), [name]: url, ...ISSUER },
      { read: () => '', keep: () => assert.fail('both are given') },
    );
    return config.platform?.url ?? config.jwksUrl;
  };
  const ISSUER = { JWT_ISSUER: 'issuer', JWT_AUDIENCE: 'audience' };

  for (const [name, call] of Object.entries(CONFIGURED)) {
    it(`is not called as ${name}`, async (t) => {
      using watch = watchDials();
      const reached = sink.connections();
      await using world = transportFor({ cidrs: ['10.99.0.0/16'], resolve: hostileNames });
      const answered: string[] = [];
      for (const { url } of urls) {
        const attempt = async () => call(world.transport, configure(name, url) ?? assert.fail());
        await attempt().then(
          () => answered.push(url),
          () => undefined,
        );
      }
      const inward = watch.dials.filter(({ address }) => isInward(address));
      const hits = sink.connections() - reached + inward.length;
      t.diagnostic(`${urls.length} hostile URLs, ${hits} reached`);
      assert.deepEqual([hits, inward, answered], [0, [], []]);
    });

    it(`would be called as ${name} without the guard`, async (t) => {
      const called: string[] = [];
      const outbound = unguarded(hostileNames, (address) => called.push(address));
      const reached = sink.connections();
      for (const { url } of chosen(urls, 250))
        await Promise.resolve()
          .then(() => call(outbound, configure(name, url) ?? ''))
          .catch(() => undefined);
      await outbound.close();
      const hits = sink.connections() - reached;
      t.diagnostic(`without the guard ${hits} reached loopback, ${called.length} more left inwards`);
      assert.ok(hits > 0 && called.includes('169.254.169.254'), `${hits} hits`);
    });
  }

  it('would be called as the base URL of a connection test without the guard', async (t) => {
    const called: string[] = [];
    const open = await openService(OPENED, {
      between: () => unguarded(hostileNames, (address) => called.push(address)),
    });
    const reached = sink.connections();
    for (const { url } of chosen(urls, 40))
      await open.ask('POST', '/api/integrations/connect', integrationAt('github', url));
    await open.close();
    const hits = sink.connections() - reached;
    t.diagnostic(`without the guard ${hits} reached loopback, ${called.length} more left inwards`);
    assert.ok(hits > 0 && called.length > 0, `${hits} hits, ${called.length} others`);
  });
});
