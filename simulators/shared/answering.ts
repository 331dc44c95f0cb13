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

/** What one tracker is, whatever the way to it. */
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

/** A request before the site's own prefix was looked for. */
export type RawRequest = Pick<WireRequest, 'method' | 'headers' | 'body'> & { url: URL };

/** What comes of one request; without a reply the connection breaks (`reset`) or nothing ever comes. */
export interface Answered {
  reply?: Reply;
  reset: boolean;
}

/** A site that obeys its rules and keeps a record of each request. */
export interface Answering {
  readonly latencyMs: number;
  answer(request: RawRequest): Promise<Answered>;
  /** What a person sees at this path in a browser. */
  page(path: string): string | undefined;
}

/** Headers that no record shows. */
const CREDENTIALS: readonly string[] = ['authorization', 'private-token', 'cookie'];

export function newAnswering(
  site: Site,
  knobs: { readonly latencyMs: number; take: RuleBook['take'] },
  keep: (record: RecordedRequest) => void,
): Answering {
  return {
    get latencyMs() {
      return knobs.latencyMs;
    },
    page: (path) => site.page?.(path),
    async answer(raw) {
      const wire = wireOf(raw, site);
      const seen = seenOf(wire, site);
      const before = knobs.take('before', seen);
      const real = before === undefined ? replyOf(await site.respond(wire)) : undefined;
      const after = real === undefined ? undefined : knobs.take('after', seen);
      const odd = before ?? after;
      const reply = odd === undefined ? real : oddReply(odd, real, errorBodyOf);
      keep(recordOf(wire, seen, reply, odd));
      if (reply === undefined) return { reset: odd === 'reset' };
      const headers = { date: site.now().toUTCString(), ...site.headers(), ...reply.headers };
      return { reply: { ...reply, headers }, reset: false };
    },
  };

  function errorBodyOf(status: number): unknown {
    return site.errorBody?.(status) ?? { message: 'Server Error', status: String(status) };
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

function wireOf({ method, url, headers, body }: RawRequest, site: Site): WireRequest {
  const { prefix, path } = site.locate(url.pathname);
  return { method, path, query: url.searchParams, headers, body, apiRoot: url.origin + prefix };
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
