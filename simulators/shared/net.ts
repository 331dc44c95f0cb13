import { setTimeout as sleep } from 'node:timers/promises';
import { transmit } from './courier.ts';
import type { Outcome } from './courier.ts';
import { listen, shut } from './listen.ts';
import { newServer } from './server.ts';
import type { Answering } from './answering.ts';

/** How a simulator meets the world: over HTTP, or within one process on somebody's clock. */
export interface Net {
  /** Answers requests from now on. `port` 0 is any free one. */
  serve(site: Answering, port: number): Promise<Place>;
  /** One POST to a webhook. */
  post: (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    timeoutMs: number,
    signal: AbortSignal,
  ) => Promise<Outcome>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Place {
  /** Without trailing slash. */
  url: string;
  close(): Promise<void>;
}

/** Real HTTP on loopback, in real time. */
export const loopback: Net = {
  async serve(site, port) {
    const server = newServer(site);
    const url = await listen(server, port);
    return { url, close: () => shut(server) };
  },
  post: transmit,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
