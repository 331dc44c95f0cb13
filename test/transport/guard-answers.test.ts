import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, TrackerError } from '../../src/domain/errors.ts';
import { judgeAddress, parseNetworks } from '../../src/transport/address.ts';
import { checkUrl, openPolicy, resolveHost, resolveSafely, type Resolve } from '../../src/transport/guard.ts';

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

function told(url: string, policy = strict): string {
  return refusal(() => checkUrl(url, policy)).message;
}

/** A name server that knows these addresses for every name. */
function answering(addresses: readonly string[]): Resolve {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

describe('the guard, of a URL', () => {
  it('says what is wrong, and how an operator opens his own network', () => {
    const http = openPolicy({ allowedCidrs: [], allowHttp: true });
    assert.equal(told('x'), 'This is no URL. Write it like https://tracker.example.com.');
    assert.equal(told('ftp://example.com'), 'Only https URLs lead to a tracker.');
    assert.equal(
      told('http://example.com'),
      'Plain http would show the credentials to everybody on the way. Use https, or let the operator set TRACKER_ALLOW_HTTP.',
    );
    for (const url of ['https://user@example.com', 'https://:pass@example.com'])
      assert.equal(
        told(url),
        'A URL with a user name or password in it is not accepted; credentials have their own field.',
      );
    assert.equal(
      told('http://140.82.112.5', http),
      'Plain http is only permitted into networks of TRACKER_ALLOWED_CIDRS, and 140.82.112.5 is in none.',
    );
    assert.equal(
      told('https://[::1]'),
      '::1 leads into a private or reserved network. If your tracker is there, the operator can permit it by TRACKER_ALLOWED_CIDRS.',
    );
    assert.equal(told('https://github.com.'), 'A host name that ends with a dot is not accepted.');
    assert.equal(
      told('https://router'),
      'router is a name of a private network. If your tracker is there, the operator can permit it by TRACKER_ALLOWED_CIDRS.',
    );
  });

  it('takes a URL of 2048 characters and no longer one', () => {
    const long = `https://example.com/${'x'.repeat(2028)}`;
    assert.equal(checkUrl(long, strict).href, long);
    assert.match(refusal(() => checkUrl(`${long}x`, strict)).message, /no URL/);
  });

  it('lets short names and localhost be where the operator has opened a network', () => {
    const open = openPolicy({ allowedCidrs: ['10.0.0.0/8'], allowHttp: false });
    for (const host of ['router', 'app.localhost'])
      assert.equal(checkUrl(`https://${host}/`, open).hostname, host);
  });

  it('opens, of all ranges, only those that can be somebody’s own', () => {
    const networks = parseNetworks(['0.0.0.0/0', '::/0']);
    const verdicts = (addresses: readonly string[]): string[] =>
      addresses.map((address) => judgeAddress(address, networks));
    const own = ['10.0.0.1', '127.0.0.1', '100.64.0.1', '192.0.2.1', '198.18.0.1', 'fd12::1', '8.8.8.8'];
    assert.deepEqual(
      verdicts(own),
      own.map(() => 'permitted'),
    );
    const nobodys = [
      '0.0.0.0',
      '224.0.0.1',
      '169.254.1.1',
      '255.255.255.255',
      'fe80::1',
      'ff02::1',
      'x',
      '::8.8.8.8',
    ];
    assert.deepEqual(
      verdicts(nobodys),
      nobodys.map(() => 'refused'),
    );
    assert.equal(judgeAddress('8.8.8.8', parseNetworks(['10.0.0.0/8', 'fd00::/8'])), 'public');
  });
});

describe('the guard, of a name', () => {
  it('says of a name without an address that it does not resolve, and that nothing was sent', async () => {
    const nowhere: Resolve[] = [async () => [], () => Promise.reject(new Error('x'))];
    for (const resolve of nowhere)
      await assert.rejects(
        resolveHost('tracker.example', 'https:', { ...strict, resolve }),
        (error: unknown) => {
          assert.ok(error instanceof TrackerError);
          assert.equal(error.code, 'tracker-unreachable');
          assert.equal(error.arrived, 'no');
          assert.equal(error.message, 'The name tracker.example does not resolve. Check the base URL.');
          return true;
        },
      );
  });

  it('answers every address of a name, and asks nobody about an address', async () => {
    const both = ['140.82.112.5', '2606:50c0:8000::153'];
    const found = await resolveHost('tracker.example', 'https:', { ...strict, resolve: answering(both) });
    assert.deepEqual(
      found.map(({ address }) => address),
      both,
    );
    const asks = { ...strict, resolve: answering(['127.0.0.1']) };
    await resolveSafely('https://140.82.112.5/', asks);
    await assert.rejects(resolveSafely('https://tracker.example/', asks), { code: 'base-url-refused' });
  });

  it('asks the system where it is given no name server', async () => {
    const policy = openPolicy({ allowedCidrs: ['127.0.0.0/8', '::1/128'], allowHttp: true });
    const found = await policy.resolve('localhost');
    assert.ok(found.some(({ address }) => address === '127.0.0.1' || address === '::1'));
    assert.ok(Array.isArray(found));
  });
});
