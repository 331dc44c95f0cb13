import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { Outbound } from '../../src/ports/outbound.ts';
import type { Tracker } from '../../src/ports/tracker.ts';
import { providers } from '../../src/providers/registry.ts';
import { PUBLISHED } from '../providers/published.ts';
import { pushedClock } from '../providers/github-world.ts';
import { transportFor } from '../transport/world.ts';
import { chosen } from './effort.ts';
import { hostileNames, hostileUrls, type HostileUrl } from './hostile-urls.ts';
import { isInward, openSink, watchDials } from './sink.ts';
import { unguarded } from './unguarded.ts';

const NEVER = new AbortController().signal;
const CONTEXT = { tenantId: 'default', integrationId: 'attack' };
const REF = { id: '1', key: '1' };
const SINCE = '2026-01-01T00:00:00Z';

/** Everything that we ask of a tracker and that answers pages or things that may have moved. */
const CALLS: Readonly<Record<string, (tracker: Tracker) => Promise<unknown>>> = {
  checkup: (tracker) => tracker.checkup(NEVER),
  project: (tracker) => tracker.project(NEVER),
  read: (tracker) => tracker.read([REF], NEVER),
  find: (tracker) => tracker.find('1', NEVER),
  findMarked: (tracker) => tracker.findMarked(SINCE, NEVER),
  findComments: (tracker) => tracker.findComments(REF, SINCE, NEVER),
  changes: async (tracker) => {
    for await (const page of tracker.changes(null, NEVER)) void page;
  },
};

/** A tracker that answers every request with the way to somewhere else. */
type Lure = (response: ServerResponse, url: string) => void;
const redirect =
  (status: number): Lure =>
  (response, url) =>
    response.writeHead(status, { location: url, 'content-type': 'application/json' }).end('{}');
const LURES: Readonly<Record<string, Lure>> = {
  'a next page': (response, url) =>
    response.writeHead(200, { link: `<${url}>; rel="next"`, 'content-type': 'application/json' }).end('[]'),
  'an issue that moved (301)': redirect(301),
  'a redirect (302)': redirect(302),
  'a redirect (303)': redirect(303),
  'a redirect (307)': redirect(307),
  'a redirect (308)': redirect(308),
  'a link in every field': (response, url) =>
    response.writeHead(200, { 'content-type': 'application/json', link: `<${url}>; rel="next"` }).end(
      JSON.stringify({
        id: 1,
        self: url,
        url,
        nextPage: url,
        next: url,
        items: [],
        issues: [],
        values: [],
      }),
    ),
};

const isHeader = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

describe('a tracker that answers with a hostile URL', () => {
  let sink: Awaited<ReturnType<typeof openSink>>;
  let urls: readonly HostileUrl[];
  let current: ((response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    request.resume();
    current?.(response);
  });
  let place = '';
  before(async () => {
    sink = await openSink();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    place = `http://127.0.0.1:${address.port}`;
    urls = [...hostileUrls(sink.port), { kind: 'the sink', url: `http://127.0.0.1:${sink.port}/` }].filter(
      ({ url }) => isHeader(url),
    );
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await sink[Symbol.asyncDispose]();
  });

  function trackerOf(id: keyof typeof PUBLISHED, outbound: Outbound): Tracker {
    const provider = providers.get(id) ?? assert.fail(id);
    const { config, credentials } = PUBLISHED[id];
    const baseUrl = id === 'gitlab' ? `${place}/api/v4` : place;
    const checked = provider.config.parse({ ...config, baseUrl });
    const connection = provider.connect(checked, credentials);
    return connection.tracker(outbound.open(connection, CONTEXT).send, pushedClock());
  }

  async function lure(outbound: Outbound, tried: readonly HostileUrl[]): Promise<number> {
    let asked = 0;
    for (const id of ['github', 'gitlab', 'jira', 'azure_devops'] as const) {
      const tracker = trackerOf(id, outbound);
      for (const [index, { url }] of tried.entries()) {
        const lures = Object.values(LURES);
        const chosenLure = lures[index % lures.length] ?? assert.fail();
        current = (response) => chosenLure(response, url);
        for (const call of Object.values(CALLS)) await call(tracker).catch(() => undefined);
        await tracker.hooks?.ensure(url, new Secret('hook'), NEVER).catch(() => undefined);
        asked += 1;
      }
    }
    return asked;
  }

  it('leads us nowhere: no next page, no moved issue, no redirect, no webhook address', async (t) => {
    using watch = watchDials();
    await using world = transportFor({ cidrs: ['127.0.0.1/32'], resolve: hostileNames });
    const asked = await lure(world.transport, chosen(urls, 80));
    const there = Number(new URL(place).port);
    const inward = watch.dials.filter(({ address, port }) => isInward(address) && port !== there);
    t.diagnostic(`${asked} hostile URLs, ${sink.connections() + inward.length} reached`);
    assert.ok(watch.dials.length > 0, 'the tracker itself is called');
    assert.deepEqual([sink.connections(), inward], [0, []]);
  });

  it('would lead us to it without the guard', async (t) => {
    const called: string[] = [];
    const outbound = unguarded(hostileNames, (address) => called.push(address));
    await lure(outbound, chosen(urls, 80));
    await outbound.close();
    t.diagnostic(
      `without the guard ${sink.connections()} reached loopback, ${called.length} more left inwards`,
    );
    assert.ok(sink.connections() > 0 && called.length > 0);
  });
});
