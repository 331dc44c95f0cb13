import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createEmulator } from 'emulate';

export interface EmulatedGithub {
  /** As an Enterprise Server's: REST below `/api/v3`. */
  url: string;
  owner: string;
  repo: string;
  token: string;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const { authorization = '', accept = '' } = headers;
  return { authorization, accept, 'content-type': 'application/json' };
}

/**
 * The independent emulator of the npm package `emulate`, with one repository. It serves REST at its root: a
 * door before it takes `/api/v3` off, as an Enterprise Server's own front does.
 */
export async function startEmulatedGithub(): Promise<EmulatedGithub> {
  const [owner, repo, token] = ['octo', 'payments', 'emulated-token'];
  const github = {
    users: [{ login: owner }],
    repos: [{ owner, name: repo, private: true, auto_init: false }],
  };
  const seed = { tokens: { [token]: { login: owner, scopes: ['repo', 'admin:repo_hook'] } }, github };
  const emulator = await createEmulator({ service: 'github', port: 0, seed });
  const door = createServer(async (request, response) => {
    const body = await buffer(request);
    const path = (request.url ?? '').replace(/^\/api\/v3/, '');
    const { method = 'GET' } = request;
    const answer = await fetch(emulator.url + path, {
      method,
      headers: forwarded(request.headers),
      redirect: 'manual',
      ...(body.length > 0 ? { body } : {}),
    });
    const { 'content-encoding': _, 'content-length': __, ...headers } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  });
  return {
    url: await listening(door),
    owner,
    repo,
    token,
    async close() {
      await closed(door);
      await emulator.close();
    },
  };
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A door for webhooks that keeps what it was sent. */
export async function startReceiver(): Promise<{
  url: string;
  received: readonly Received[];
  /** The next delivery that fits, come or still to come. */
  until(fits: (received: Received) => boolean): Promise<Received>;
  close(): Promise<void>;
}> {
  const received: Received[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    received.push({ headers: request.headers, body });
    response.writeHead(202).end();
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  const url = await listening(server);
  return {
    url,
    received,
    async until(fits) {
      for (;;) {
        const found = received.find(fits);
        if (found !== undefined) return found;
        await arrived.promise;
      }
    },
    close: () => closed(server),
  };
}
