import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answering, RawRequest } from './answering.ts';
import type { Reply } from './reply.ts';

const REQUEST_LIMIT = 50_000_000;

/** An HTTP server that answers for a tracker. */
export function newServer(site: Answering): Server {
  return createServer((request, response) => {
    answerTo(request, response).catch((error: unknown) => {
      const detail = error instanceof Error ? error.stack : String(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The simulator itself failed: ${detail}`);
    });
  });

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (sendPage(request, response)) return;
    const raw = await rawOf(request);
    if (site.latencyMs > 0) await sleep(site.latencyMs, undefined, { ref: false });
    const { reply, reset } = await site.answer(raw);
    if (reply !== undefined) send(raw.method, response, reply);
    else if (reset) request.socket.resetAndDestroy();
  }

  function sendPage({ method, url, headers }: IncomingMessage, response: ServerResponse): boolean {
    if (method !== 'GET' || !(headers.accept ?? '').startsWith('text/html')) return false;
    const page = site.page(url?.split('?')[0] ?? '/');
    if (page === undefined) return false;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(page);
    return true;
  }
}

function send(method: string, response: ServerResponse, { status, headers, text, cutAt }: Reply): void {
  response.sendDate = false;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...(hasBody ? { 'content-length': Buffer.byteLength(text) } : {}),
  });
  if (!hasBody) {
    response.end();
    return;
  }
  if (cutAt === undefined) {
    response.end(text);
    return;
  }
  response.write(Buffer.from(text).subarray(0, cutAt), () => response.destroy());
}

async function rawOf(request: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > REQUEST_LIMIT) throw new Error('the request is too large');
    chunks.push(bytes);
  }
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    method: request.method ?? 'GET',
    url: new URL(`http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
