import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { Identity } from './certificates.ts';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

/** A tracker behind TLS on loopback, which remembers the requests that reached it and who sent them. */
export async function secureTracker({ certificate, key }: Identity, options: TlsOptions = {}) {
  const seen: { path: string; client: string | undefined; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer({ cert: certificate, key, ...options }, (request, response) => {
    const { socket } = request;
    const client = 'getPeerX509Certificate' in socket ? peerOf(socket) : undefined;
    seen.push({ path: request.url ?? '', client, authorization: request.headers.authorization });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"here":true}');
  });
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  const port = await listening(server);
  return {
    port,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function peerOf(socket: { getPeerX509Certificate?: unknown }): string | undefined {
  const { getPeerX509Certificate: read } = socket;
  const peer: unknown = typeof read === 'function' ? read.call(socket) : undefined;
  return typeof peer === 'object' && peer !== null && 'subject' in peer ? String(peer.subject) : undefined;
}

/** Decides where a tunnel leads: a port on loopback, or the status of a refusal. */
type Lead = (authority: string) => number | { status: number };

/** A real CONNECT proxy on loopback with a name server of its own: `lead`. */
export async function connectProxy(lead: Lead, identity?: Identity) {
  const asked: { authority: string; authorization: string | undefined }[] = [];
  const plain: string[] = [];
  const sockets = new Set<Duplex>();
  const server =
    identity === undefined
      ? createServer()
      : createSecureServer({ cert: identity.certificate, key: identity.key });
  server.on('request', (request: IncomingMessage, response) => {
    plain.push(request.url ?? '');
    response.writeHead(200).end('{}');
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const authority = request.url ?? '';
    asked.push({ authority, authorization: request.headers['proxy-authorization'] });
    const target = lead(authority);
    socket.on('error', () => {});
    if (typeof target === 'object') return void socket.end(`HTTP/1.1 ${target.status} No\r\n\r\n`);
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    sockets.add(onward);
  });
  const port = await listening(server);
  return {
    port,
    asked,
    plain,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
