import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { AppError } from '../../src/domain/errors.ts';
import { judgeAddress, parseNetworks } from '../../src/transport/address.ts';
import { checkUrl, openPolicy, resolveSafely, type Resolve } from '../../src/transport/guard.ts';
import { connectionTo, CONTEXT, never, serve, transportFor } from './world.ts';

/** Hosts that mean this machine, its network or a cloud's metadata service, in every spelling URL parsers know. */
const HOSTS = `
  127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0x7f000001 0x7f.1 0x7f.0x0.0x0.0x1
  0177.0.0.1 0177.0.0.01 127.0.0.0x1 00000177.1 %31%32%37.0.0.1 127.0.0.1%2e ①②⑦.0.0.1 127。0。0。1
  127．0．0．1 １２７.0.0.1 ⑴.1 127｡0.0.1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 0 0.0.0.0 0.0.0.1 0x0 00 255.255.255.255 224.0.0.1
  240.0.0.1 10.0.0.1 10.1 012.0.0.1 0xa.1 167772161 172.16.0.1 172.31.255.255 192.168.0.1 192.168.1
  0xc0a80001 3232235521 100.64.0.1 100.127.255.254 198.18.0.1 192.0.0.1 192.0.2.1 203.0.113.9
  169.254.169.254 2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 169.254.43518
  169.16689662 ①⑥⑨.254.169.254 169.254.170.2 169.254.169.253 100.100.100.200 168.63.129.16 0xa83f8110
  192.0.0.192 169.254.0.1 192.88.99.1 192.175.48.1 192.52.193.1 [::] [::1] [0:0:0:0:0:0:0:1]
  [0000::0001] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1]
  [::ffff:a9fe:a9fe] [::ffff:169.254.169.254] [::ffff:10.0.0.1] [::ffff:0:127.0.0.1]
  [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::] [2002:a9fe:a9fe::]
  [2002:c0a8:1::] [2001:0:7f00:1::] [2001::1] [2001:db8::1] [fe80::1] [febf::1] [fc00::1]
  [fd00:ec2::254] [fd20:ce::254] [fec0::1] [ff02::1] [100::1] [3fff::1] [5f00::1] [4000::1]
  [::5efe:127.0.0.1] [::1%25lo] [::1%25eth0] [2001:20::1] localhost LOCALHOST localhost. foo.localhost
  ｌｏｃａｌｈｏｓｔ loc%61lhost localhost.localdomain. ip6-localhost metadata kubernetes redis postgres router
  github.com. metadata.google.internal.
`
  .trim()
  .split(/\s+/);
/** Whole URLs that try something else than a strange host. */
const URLS = [
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_INFO',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  'https://user@example.com/',
  'https://user:pass@example.com/',
  'https://example.com@127.0.0.1/',
  'https://127.0.0.1#@example.com/',
  'https://127.0.0.1\\@example.com/',
  'https:\\\\127.0.0.1/',
  'https:127.0.0.1',
  'https:///127.0.0.1',
  ' https://127.0.0.1',
  'https://\t127.0.0.1',
  'https://127.0.0\n.1/',
  'https://[::1]:443/',
  'https://[::ffff:127.0.0.1]:443/x?y#z',
  'HTTPS://127.0.0.1/',
  'https://',
  'https://:443/',
  '//127.0.0.1/',
  '127.0.0.1',
  '',
  `https://example.com/${'x'.repeat(3000)}`,
];

const strict = openPolicy({ allowedCidrs: [], allowHttp: false, resolve: async () => [] });

function refusal(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error;
  }
  throw new Error('It was not refused');
}

describe('the guard, without a name server', () => {
  it(`refuses ${HOSTS.length + URLS.length} URLs that lead inwards`, () => {
    assert.ok(HOSTS.length + URLS.length >= 100);
    for (const url of [...HOSTS.map((host) => `https://${host}/`), ...URLS])
      assert.throws(() => checkUrl(url, strict), { code: 'base-url-refused' }, url);
  });

  it('takes the trackers of this world', () => {
    for (const url of [
      'https://api.github.com',
      'https://gitlab.com/api/v4',
      'https://your-domain.atlassian.net',
      'https://dev.azure.com/org',
      'https://git.example.com:8443/api',
      'https://140.82.112.5',
      'https://[2606:50c0:8000::153]/',
      'https://müller.example',
    ])
      assert.ok(checkUrl(url, strict) instanceof URL, url);
  });

  it('lets the operator open networks, but never a metadata service', () => {
    const all = openPolicy({ allowedCidrs: ['0.0.0.0/0', '::/0'], allowHttp: true, resolve: async () => [] });
    for (const host of ['127.0.0.1', '10.1.2.3', '[::1]', '[fd12::1]', '100.64.0.1'])
      assert.ok(checkUrl(`http://${host}:8080/`, all), host);
    const closed = [
      '169.254.169.254',
      '168.63.129.16',
      '100.100.100.200',
      '192.0.0.192',
      '0.0.0.0',
      '224.0.0.1',
    ];
    for (const host of [
      ...closed,
      '[fd00:ec2::254]',
      '[::ffff:169.254.169.254]',
      '[fe80::1]',
      '[64:ff9b::a9fe:a9fe]',
    ])
      assert.equal(refusal(() => checkUrl(`http://${host}/`, all)).code, 'base-url-refused', host);
  });

  it('permits plain http only into the networks the operator opened', () => {
    const policy = openPolicy({ allowedCidrs: ['10.0.0.0/8'], allowHttp: true });
    assert.ok(checkUrl('http://10.0.0.7/', policy));
    assert.match(refusal(() => checkUrl('http://140.82.112.5/', policy)).message, /TRACKER_ALLOWED_CIDRS/);
    const closed = openPolicy({ allowedCidrs: ['10.0.0.0/8'], allowHttp: false });
    assert.match(refusal(() => checkUrl('http://10.0.0.7/', closed)).message, /TRACKER_ALLOW_HTTP/);
  });

  it('judges every IPv4 address like its forms inside IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(judgeAddress(`::ffff:${address}`, []), judgeAddress(address, []));
        assert.equal(judgeAddress(`64:ff9b::${address}`, []), 'refused');
        assert.equal(judgeAddress(`::${address}`, []), 'refused');
      }),
    );
  });

  it('says which text is no network', () => {
    assert.throws(() => parseNetworks(['10.0.0.0/8', '10.0.0/33']), /"10.0.0\/33" is no network/);
  });
});

/** A name server of our own: each look-up takes the next answer, the last one for good. */
function nameServer(...answers: string[][]): Resolve {
  return async () => {
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    return (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

describe('the guard, with names', () => {
  it('refuses a name when any of its addresses is bad', async () => {
    for (const addresses of [
      ['127.0.0.1'],
      ['140.82.112.5', '10.0.0.1'],
      ['::1'],
      ['140.82.112.5', 'nonsense'],
    ]) {
      const policy = openPolicy({ allowedCidrs: [], allowHttp: false, resolve: nameServer(addresses) });
      await assert.rejects(resolveSafely('https://tracker.example', policy), (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'base-url-refused');
        for (const address of addresses)
          assert.ok(!error.message.includes(address), 'tells nobody our addresses');
        return true;
      });
    }
  });

  it('does not refuse a name only because it does not resolve now', async () => {
    await resolveSafely('https://tracker.example', strict);
    const failing = openPolicy({
      allowedCidrs: [],
      allowHttp: false,
      resolve: () => Promise.reject(new Error('x')),
    });
    await resolveSafely('https://tracker.example', failing);
  });
});

describe('the guard, on the wire', () => {
  let sink: Server;
  let port = 0;
  let reached = 0;
  before(async () => {
    sink = createServer((socket) => {
      reached += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => sink.listen(0, '::', resolve));
    const address = sink.address();
    if (address !== null && typeof address === 'object') port = address.port;
  });
  after(() => new Promise((resolve) => sink.close(resolve)));

  it('makes no connection to any host of the list, even when the first check is left out', async () => {
    await using world = transportFor({ cidrs: [], allowHttp: true, resolve: nameServer(['127.0.0.1']) });
    for (const host of HOSTS.filter((each) => URL.canParse(`http://${each}:${port}/`))) {
      const good = connectionTo('https://tracker.example');
      const { send } = world.transport.open(good, CONTEXT);
      good.apiRoot.href = `https://${host}:${port}/`;
      await assert.rejects(send({ method: 'GET', path: '/' }, never), host);
    }
    assert.equal(reached, 0);
  });

  it('refuses them before anything is opened', async () => {
    await using world = transportFor({ cidrs: [], allowHttp: false });
    for (const host of HOSTS.filter((each) => URL.canParse(`https://${each}/`))) {
      const connection = {
        ...connectionTo('https://x.example'),
        apiRoot: new URL(`https://${host}:${port}/`),
      };
      assert.throws(() => world.transport.open(connection, CONTEXT), { code: 'base-url-refused' }, host);
      await assert.rejects(world.transport.admit(connection.apiRoot), { code: 'base-url-refused' }, host);
    }
    assert.equal(reached, 0);
  });

  it('is not fooled by a name server that changes its mind', async () => {
    for (const second of [
      ['127.0.0.1'],
      ['::1'],
      ['140.82.112.5', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['0.0.0.0'],
    ]) {
      const resolve = nameServer(['140.82.112.5'], second);
      await using world = transportFor({ cidrs: [], allowHttp: false, resolve });
      const root = new URL(`https://rebind.example:${port}/`);
      await world.transport.admit(root);
      const { send } = world.transport.open({ ...connectionTo(root.href), apiRoot: root }, CONTEXT);
      await assert.rejects(send({ method: 'GET', path: '/' }, never), { code: 'base-url-refused' });
      assert.deepEqual(world.counted, ['refused'], 'and not tried again');
    }
    assert.equal(reached, 0);
  });

  it('reaches the operator’s own tracker by name, keeping the name in the request', async () => {
    await using server = await serve((_request, response) => response.end('{}'));
    await using world = transportFor({ resolve: nameServer(['127.0.0.1']) });
    const { send } = world.transport.open(connectionTo(`http://tracker.internal:${server.port}`), CONTEXT);
    assert.equal((await send({ method: 'GET', path: '/' }, never)).status, 200);
    assert.equal(server.seen[0]?.headers.host, `tracker.internal:${server.port}`);
  });
});
