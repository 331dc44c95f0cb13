import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance, Clock, Log } from '../../src/ports/clock.ts';
import type { Capabilities, Connection, Pace } from '../../src/ports/tracker.ts';
import { openPolicy, type Resolve } from '../../src/transport/guard.ts';
import type { Proxy } from '../../src/transport/proxy.ts';
import type { RequestOutcome } from '../../src/transport/way.ts';
import { openTransport, type TransportOptions } from '../../src/transport/transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server on loopback that answers as told and remembers what reached it. */
export async function serve(handler: Handler) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      handler(request, response, body);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Real time, or time that only passes when somebody sleeps. */
const realClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};

export function virtualClock() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    elapsed: () => now,
    pass(ms: number) {
      now += ms;
    },
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      await delay(0);
    },
  };
}

export function chance(fraction = 0.5): Chance {
  return { uuid: () => crypto.randomUUID(), fraction: () => fraction, hex: (bytes) => 'a'.repeat(bytes * 2) };
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

const CAPABILITIES: Capabilities = {
  fields: new Set(['status']),
  readsPerRequest: 1,
  writesPerRequest: 1,
  concurrency: 8,
  showsActive: false,
  statusInSteps: false,
  settleMs: 1000,
  titleLimit: 100,
  bodyLimit: 1000,
};

/** A connection to `apiRoot` that signs with a token and reads the headers most trackers share. */
export function connectionTo(apiRoot: string, capabilities: Partial<Capabilities> = {}): Connection {
  const root = new URL(apiRoot);
  return {
    apiRoot: root,
    host: root.host,
    capabilities: { ...CAPABILITIES, ...capabilities },
    format: {
      block: () => '',
      comment: () => '',
      title: (text) => text,
      canonTitle: (text) => text,
      canonBlock: (text) => text,
    },
    labels: [],
    sign: () => ({ authorization: 'Bearer canary-token' }),
    pace: paceOf,
    tracker: () => {
      throw new Error('not here');
    },
  };
}

function paceOf(_status: number, headers: Headers): Pace | undefined {
  const told = {
    remaining: headers.get('x-ratelimit-remaining'),
    limit: headers.get('x-ratelimit-limit'),
    reset: headers.get('x-ratelimit-reset'),
  };
  if (told.remaining === null) return undefined;
  return {
    remaining: Number(told.remaining),
    ...(told.limit === null ? {} : { limit: Number(told.limit) }),
    ...(told.reset === null ? {} : { resetsAt: new Date(Number(told.reset) * 1000).toISOString() }),
  };
}

export interface WorldOptions extends Partial<TransportOptions> {
  cidrs?: string[];
  allowHttp?: boolean;
  resolve?: Resolve;
  proxy?: Proxy;
}

/** A transport that may speak to loopback, with short timeouts, and what it counted. */
export function transportFor(options: WorldOptions = {}) {
  const { cidrs = ['127.0.0.0/8'], allowHttp = true, resolve, proxy, ...rest } = options;
  const counted: RequestOutcome[] = [];
  const transport = openTransport({
    clock: realClock,
    chance: chance(0),
    log: silent,
    metrics: { trackerRequest: (outcome) => counted.push(outcome), trackerWait: () => {} },
    policy: openPolicy({
      allowedCidrs: cidrs,
      allowHttp,
      ...(resolve ? { resolve } : {}),
      ...(proxy ? { proxy } : {}),
    }),
    userAgent: 'tmi-test/1',
    timeouts: { connectMs: 5000, headersMs: 5000, bodyMs: 5000 },
    ...rest,
  });
  return { transport, counted, [Symbol.asyncDispose]: () => transport.close() };
}

export const CONTEXT = { tenantId: 'default', integrationId: 'one' };
export const never = new AbortController().signal;
