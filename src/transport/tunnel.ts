import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Proxy } from './proxy.ts';

/** The proxy answered, and does not let us through. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused';
  readonly status: number;

  constructor(status: number) {
    super(`the proxy refused to connect (${status})`);
    this.status = status;
  }
}

/**
 * A connection to `authority` (host and port) through the proxy's CONNECT, on which nothing has been said yet (RFC 9110
 * section 9.3.6). Throws `ProxyRefused`, or an error that says that there is no proxy.
 */
export function openTunnel({ url }: Proxy, authority: string, timeoutMs: number): Promise<Socket> {
  const { protocol, hostname, port, username, password } = new URL(url.reveal());
  const connect = protocol === 'https:' ? requestSecure : requestPlain;
  const account = [username, password].map(decodeURIComponent).join(':');
  const host = hostname.replaceAll(/[[\]]/g, '');
  return new Promise((resolve, reject) => {
    const request = connect({
      host,
      // Else the proxy would have to prove the name in the `host` header.
      servername: isIP(host) === 0 ? host : '',
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      method: 'CONNECT',
      path: authority,
      agent: false,
      rejectUnauthorized: true,
      headers: {
        host: authority,
        ...(account === ':'
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(account).toString('base64')}` }),
      },
    });
    const timer = setTimeout(() => request.destroy(new Error('it took too long')), timeoutMs);
    request.once('connect', ({ statusCode = 0 }, socket) => {
      clearTimeout(timer);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new ProxyRefused(statusCode));
    });
    // Where the proxy stands is nobody's business but the operator's: the address stays in the cause.
    request.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error('the proxy cannot be reached', { cause }));
    });
    request.end();
  });
}
