import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { oddReply } from './odd.ts';
import type { RecordedRequest } from './record.ts';
import { jsonOrText, replyOf } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Answer } from './answers.ts';
import type { OddAnswer, RuleBook, SeenRequest } from './rules.ts';

/** A request as it came over the wire. */
export interface WireRequest {
  method: string;
  /** Without the prefix of the API. */
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
  /** Where the client found the API, such as `http://127.0.0.1:1234/api/v3`. */
  apiRoot: string;
}

/** What one tracker is, behind a server that all of them share. */
export interface Site {
  now: () => Date;
  /** The prefix of the API in a path, and what follows it. */
  locate(pathname: string): { prefix: string; path: string };
  /** Does what the request asks and says what the tracker says. */
  respond(request: WireRequest): Answer | Promise<Answer>;
  /** Name of the account behind a good credential. */
  accountOf(request: WireRequest): string | undefined;
  /** On every answer; asked once for each. */
  headers(): Record<string, string>;
  /** The body of an error that a rule gives none for; GitHub's if left out. */
  errorBody?(status: number): unknown;
  /** What a person sees at this path in a browser. Not part of the API, so not recorded. */
  page?(path: string): string | undefined;
}

const REQUEST_LIMIT = 50_000_000;
/** Headers that no record shows. */
const CREDENTIALS: readonly string[] = ['authorization', 'private-token', 'cookie'];

/** An HTTP server that answers for a tracker, obeys its rules and keeps a record of each request. */
export function newServer(
  site: Site,
  knobs: { readonly latencyMs: number; take: RuleBook['take'] },
  keep: (record: RecordedRequest) => void,
): Server {
  return createServer((request, response) => {
    answerTo(request, response).catch((error: unknown) => {
      const detail = error instanceof Error ? error.stack : String(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The simulator itself failed: ${detail}`);
    });
  });

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (sendPage(request, response)) return;
    const wire = await wireOf(request, site);
    const seen = seenOf(wire, site);
    if (knobs.latencyMs > 0) await sleep(knobs.latencyMs, undefined, { ref: false });
    const before = knobs.take('before', seen);
    const real = before === undefined ? replyOf(await site.respond(wire)) : undefined;
    const after = real === undefined ? undefined : knobs.take('after', seen);
    const odd = before ?? after;
    const reply = odd === undefined ? real : oddReply(odd, real, errorBodyOf);
    keep(recordOf(wire, seen, reply, odd));
    if (reply === undefined) {
      if (odd === 'reset') request.socket.resetAndDestroy();
      return;
    }
    send(wire.method, response, reply);
  }

  function errorBodyOf(status: number): unknown {
    return site.errorBody?.(status) ?? { message: 'Server Error', status: String(status) };
  }

  function sendPage({ method, url, headers }: IncomingMessage, response: ServerResponse): boolean {
    if (method !== 'GET' || !(headers.accept ?? '').startsWith('text/html')) return false;
    const page = site.page?.(url?.split('?')[0] ?? '/');
    if (page === undefined) return false;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(page);
    return true;
  }

  function send(method: string, response: ServerResponse, { status, headers, text, cutAt }: Reply): void {
    response.sendDate = false;
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
    response.writeHead(status, {
      date: site.now().toUTCString(),
      ...site.headers(),
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

  function recordOf(
    wire: WireRequest,
    seen: SeenRequest,
    reply: Reply | undefined,
    odd: OddAnswer | undefined,
  ): RecordedRequest {
    const headers = Object.entries(wire.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || CREDENTIALS.includes(name) ? [] : [[name, value]],
    );
    return {
      at: site.now().toISOString(),
      method: wire.method,
      path: wire.path,
      query: seen.query,
      status: reply?.status ?? 0,
      ...(seen.account === undefined ? {} : { account: seen.account }),
      headers: Object.fromEntries(headers),
      body: seen.body,
      answer: jsonOrText(reply?.text ?? ''),
      answerHeaders: reply?.headers ?? {},
      odd: odd !== undefined,
    };
  }
}

async function wireOf(request: IncomingMessage, site: Site): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > REQUEST_LIMIT) throw new Error('the request is too large');
    chunks.push(bytes);
  }
  const origin = `http://${request.headers.host ?? '127.0.0.1'}`;
  const url = new URL(`${origin}${request.url ?? '/'}`);
  const { prefix, path } = site.locate(url.pathname);
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
    apiRoot: origin + prefix,
  };
}

function seenOf(wire: WireRequest, site: Site): SeenRequest {
  const account = site.accountOf(wire);
  return {
    method: wire.method,
    path: wire.path,
    query: wire.query.size === 0 ? '' : `?${wire.query.toString()}`,
    ...(account === undefined ? {} : { account }),
    body: jsonOrText(wire.body),
  };
}
