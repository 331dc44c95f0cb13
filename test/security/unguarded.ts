import { callbackify } from 'node:util';
import { Agent, buildConnector } from 'undici';
import type { Outbound } from '../../src/ports/outbound.ts';
import type { Resolve } from '../../src/transport/guard.ts';
import { httpWire } from '../../src/transport/exchange.ts';
import { isInward } from './sink.ts';

const SOON = { connectMs: 2_000, headersMs: 2_000, bodyMs: 2_000 };

/**
 * The way out with its guard switched off, to see that an attack works without it. Loopback is really called; whatever else is
 * inward is told to `called` and left alone.
 */
export function unguarded(resolve: Resolve, called: (address: string) => void): Outbound {
  const dial = buildConnector({ timeout: SOON.connectMs });
  const lookUp = callbackify(addressOf);
  const agent = new Agent({
    connect: (options, callback) => {
      const host = options.hostname.replaceAll(/[[\]]/g, '');
      lookUp(host, resolve, (_, address) => {
        if (/^(::1|127\.)/.test(address)) return dial({ ...options, hostname: address }, callback);
        if (isInward(address)) called(address);
        callback(new Error(`Nobody calls ${address} here.`), null);
      });
    },
  });
  const wire = httpWire({ dispatcherFor: () => agent, timeouts: SOON, maxBodyBytes: 1_000_000 });
  return {
    admit: async () => undefined,
    open: (endpoint) => ({
      calls: () => 0,
      send: (request, signal) => {
        const url = new URL(request.url ?? `${endpoint.apiRoot.href.replace(/\/$/, '')}${request.path}`);
        return wire({ request, url, headers: {}, reads: true }, signal);
      },
    }),
    health: async () => ({ breaker: 'closed' }),
    close: () => agent.destroy(),
  };
}

async function addressOf(host: string, resolve: Resolve): Promise<string> {
  if (/^[\d.]+$/.test(host) || host.includes(':')) return host;
  const found = await resolve(host).catch(() => []);
  return found.at(-1)?.address ?? 'nothing';
}
