import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { WebhookKnobs } from './rules.ts';

/** Brings letters to boxes (webhooks). Each box gets its letters one after the other, unless they are shuffled. */
export interface Courier<Box, Letter> {
  put(box: Box, letter: Letter): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Drops what is under way. */
  close(): Promise<void>;
}

/** What became of one request to a webhook. */
export interface Outcome {
  /** 0: no answer. */
  statusCode: number;
  status: string;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
}

/** Letters that arrive within this time are shuffled together. */
const SHUFFLE_MS = 25;

export function newCourier<Box, Letter>(
  knobs: { readonly webhooks: WebhookKnobs },
  { random, sleep }: { random: () => number; sleep: (ms: number, signal: AbortSignal) => Promise<void> },
  deliver: (box: Box, letter: Letter, signal: AbortSignal) => Promise<void>,
): Courier<Box, Letter> {
  const waiting = new Map<Box, Letter[]>();
  const working = new Set<Promise<void>>();
  const ending = new AbortController();

  async function carry(box: Box, letters: Letter[]): Promise<void> {
    while (letters.length > 0 && !ending.signal.aborted) {
      const { shuffle, delayMs } = knobs.webhooks;
      const ms = delayMs + (shuffle ? SHUFFLE_MS : 0);
      await sleep(ms, ending.signal).catch(() => {});
      const index = shuffle ? Math.floor(random() * letters.length) : 0;
      const [letter] = letters.splice(index, 1);
      if (letter !== undefined && !ending.signal.aborted) await deliver(box, letter, ending.signal);
    }
    waiting.delete(box);
  }

  return {
    put(box, letter) {
      const { lose, repeat } = knobs.webhooks;
      if (ending.signal.aborted || random() < lose) return;
      const letters = random() < repeat ? [letter, letter] : [letter];
      const queue = waiting.get(box);
      if (queue !== undefined) {
        queue.push(...letters);
        return;
      }
      waiting.set(box, letters);
      const work = carry(box, letters).finally(() => working.delete(work));
      working.add(work);
    },
    async settled() {
      while (working.size > 0) await Promise.all(working);
    },
    async close() {
      ending.abort();
      await Promise.all(working);
    },
  };
}

/** One POST on a connection of its own, to this machine only: a simulator calls nobody else. */
export function transmit(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !isLoopback(target.hostname))
    return Promise.resolve(failed('failed to connect to host'));
  const open = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const call = open(target, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': bytes.length },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    call.on('error', (error) => {
      resolve(failed(error.name === 'AbortError' ? 'timed out' : 'failed to connect to host'));
    });
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(failed('timed out')));
      response.on('end', () => {
        const shown = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          statusCode: response.statusCode ?? 0,
          status: response.statusMessage === '' ? 'OK' : (response.statusMessage ?? 'OK'),
          responseHeaders: Object.fromEntries(shown),
          responseBody: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    call.end(bytes);
  });
}

function failed(status: string): Outcome {
  return { statusCode: 0, status, responseHeaders: {}, responseBody: '' };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A version 4 UUID from the simulator's own dice. */
export function newGuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
