import type { Dispatcher } from 'undici';
import { AppError, messageOf, TrackerError } from '../domain/errors.ts';
import type { TlsTrust, TrackerRequest, TrackerResponse } from '../ports/tracker.ts';
import { BodyRefused, readBody } from './body.ts';
import { ConnectFailed, type Timeouts } from './connector.ts';

interface Connector {
  dispatcherFor(trust: TlsTrust | undefined): Dispatcher;
  timeouts: Timeouts;
  /** Of the unpacked body. */
  maxBodyBytes: number;
}

/** How much longer than usual we wait for the answer to a slow request. */
const SLOW_FACTOR = 4;

/** A request with its URL and every header, ready for the wire. */
export interface Outgoing {
  request: TrackerRequest;
  url: URL;
  headers: Readonly<Record<string, string>>;
  reads: boolean;
  /** Of the endpoint. */
  tls?: TlsTrust;
}

/**
 * One request, one answer, whatever its status; no redirect is followed. Throws a `TrackerError` that says whether
 * the request may have arrived, or the signal's reason when a read was stopped by its caller.
 */
export type Wire = (outgoing: Outgoing, signal: AbortSignal) => Promise<TrackerResponse>;

/** The wire of HTTP. */
export function httpWire(connector: Connector): Wire {
  return (outgoing, signal) => exchange(connector, outgoing, signal);
}

async function exchange(
  connector: Connector,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<TrackerResponse> {
  const { request, url, headers } = outgoing;
  const { timeouts, maxBodyBytes } = connector;
  signal.throwIfAborted();
  const headersTimeout = timeouts.headersMs * (request.slow === true ? SLOW_FACTOR : 1);
  const deadline = deadlineAfter(timeouts.connectMs + headersTimeout);
  try {
    const answer = await connector.dispatcherFor(outgoing.tls).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers,
      body: bodyOf(request),
      headersTimeout,
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    deadline.extend(timeouts.bodyMs);
    const answerHeaders = headersOf(answer.headers);
    const text = await readBody(answer.body, answerHeaders, maxBodyBytes);
    return { status: answer.statusCode, headers: answerHeaders, text, json: jsonOf(text, answerHeaders) };
  } catch (cause) {
    throw failureOf(cause, outgoing, signal);
  } finally {
    deadline.clear();
  }
}

function bodyOf({ json, form }: TrackerRequest): string | null {
  if (form !== undefined) return new URLSearchParams(form).toString();
  return json === undefined ? null : JSON.stringify(json);
}

/** Aborts after `ms`, which may be set anew. The dispatcher's own timers are coarse and restart with every byte. */
function deadlineAfter(ms: number) {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new DOMException('It took too long.', 'TimeoutError'));
  let timer = setTimeout(expire, ms);
  return {
    signal: controller.signal,
    extend(nextMs: number): void {
      clearTimeout(timer);
      timer = setTimeout(expire, nextMs);
    },
    clear: (): void => clearTimeout(timer),
  };
}

function failureOf(cause: unknown, { url, reads }: Outgoing, signal: AbortSignal): unknown {
  if (cause instanceof AppError) return cause;
  if (cause instanceof ConnectFailed)
    return new TrackerError('tracker-unreachable', `${cause.message}. Check the base URL and the network.`, {
      cause,
      arrived: 'no',
    });
  const arrived = reads ? 'no' : 'maybe';
  if (cause instanceof BodyRefused)
    return new TrackerError('tracker-nonsense', `${cause.message} (from ${url.host}).`, { cause, arrived });
  if (signal.aborted && reads) return signal.reason;
  const what = signal.aborted
    ? `The request to ${url.host} was stopped before its answer came.`
    : `${url.host} did not answer completely: ${messageOf(cause)}.`;
  return new TrackerError('tracker-unreachable', what, { cause, arrived });
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw))
    for (const each of Array.isArray(value) ? value : [value ?? '']) headers.append(name, each);
  return headers;
}

function jsonOf(text: string, headers: Headers): unknown {
  const isJson = /\bjson\b/i.test(headers.get('content-type') ?? '') || /^\s*[{[]/.test(text);
  if (!isJson) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
