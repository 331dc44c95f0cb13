import { TrackerError } from '../../src/domain/errors.ts';
import type { TrackerResponse } from '../../src/ports/tracker.ts';
import type { Outgoing, Wire } from '../../src/transport/exchange.ts';
import type { Answered, Answering } from '../../simulators/shared/answering.ts';
import type { Net } from '../../simulators/shared/net.ts';
import type { Outcome } from '../../simulators/shared/courier.ts';
import type { Dice } from './dice.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What may go wrong with a request on its way; a share of the requests each, from 0 to 1. */
export interface WireFaults {
  /** It does not arrive; whether it did is not known to who sent it. */
  lostBefore: number;
  /** It is carried out, and nobody hears of it. */
  lostAfter: number;
  /** As `lostBefore` for who sent it, and then it arrives all the same, until the shortest settle window after it was given up. */
  late: number;
  /** No connection. */
  unreachable: number;
  serverError: number;
  /** 429 with a `Retry-After`. */
  limited: number;
  emptyList: number;
  halfPage: number;
  /** A proxy's page. */
  webPage: number;
}

export const CALM: WireFaults = {
  lostBefore: 0,
  lostAfter: 0,
  late: 0,
  unreachable: 0,
  serverError: 0,
  limited: 0,
  emptyList: 0,
  halfPage: 0,
  webPage: 0,
};

/** One request as the network saw it. */
export interface Passage {
  /** The process that sent it. */
  from: string;
  /** Ms since the epoch. */
  sentAt: number;
  host: string;
  authorization: string;
  method: string;
  path: string;
  reads: boolean;
  status: number | 'lost';
  fault: keyof WireFaults | undefined;
  /** Until when we were asked to wait; ms since the epoch. */
  waitUntil?: number;
  /** When one that had stood still, or a late one, was carried out; ms since the epoch. */
  arrivedAt?: number;
}

/** Where issues are listed: nothing else comes in pages that could be short. */
const LISTING = /\/(?:issues|search|search\/jql|wiql|workitemrevisions)$/;
const GIVEN_UP_MS = 15_000;
const SHORTEST_SETTLE_MS = 10_000;
/** An answer that is silently too short is believed when it comes twice, a settle window apart: no look at it could tell. */
const SELDOM_MS = 5 * 60_000;

type Odd = 'empty-list' | 'half-page' | 'html';

interface Site {
  answering: Answering;
  /** The next answer is not the real one. */
  takeNext(odd: Odd): void;
}

type Receive = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

/** Everything between the service and the trackers, within the process and on virtual time. */
export class Network {
  readonly passages: Passage[] = [];
  faults: WireFaults = CALM;
  /** For how long the next writes wait within the process that was about to send them. */
  readonly stalls: number[] = [];
  /** Who takes webhooks; answers an HTTP status, 0 = nobody. */
  receive: Receive = () => Promise.resolve(0);
  /** Called when a tracker has carried out a request that may have changed something. */
  onChange: (authorization: string) => void = () => undefined;
  readonly #sites: Map<string, Site>;
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  #shortenedAt = 0;

  constructor(time: VirtualTime, dice: Dice, sites: Map<string, Site> = new Map()) {
    this.#time = time;
    this.#dice = dice;
    this.#sites = sites;
  }

  /** Somebody else's way to the same trackers, with troubles of its own. */
  another(dice: Dice): Network {
    return new Network(this.#time, dice, this.#sites);
  }

  /** Where a simulator lives: `origin` leads to it. */
  netAt(origin: string, takeNext: Site['takeNext']): Net {
    return {
      serve: async (site) => {
        this.#sites.set(new URL(origin).host, { answering: site, takeNext });
        return { url: origin, close: async () => undefined };
      },
      post: (url, headers, body) => this.#post(url, headers, body),
      sleep: (ms, signal) => this.#time.sleep(ms, signal),
    };
  }

  async #post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Outcome> {
    await this.#time.sleep(this.#dice.between(5, 300));
    const statusCode = await this.receive(url, headers, body);
    return { statusCode, status: String(statusCode), responseHeaders: {}, responseBody: '' };
  }

  /** The transport's last step, for one process. */
  wireOf(from: string): Wire {
    return (outgoing, signal) => this.#carry(from, outgoing, signal);
  }

  async #carry(from: string, outgoing: Outgoing, signal: AbortSignal): Promise<TrackerResponse> {
    signal.throwIfAborted();
    const site = this.#sites.get(outgoing.url.host);
    if (site === undefined) throw failure(outgoing, 'no', `There is no ${outgoing.url.host}.`);
    const fault = this.#fault(outgoing);
    const passage: Passage = {
      from,
      sentAt: this.#time.now(),
      host: outgoing.url.host,
      authorization: authorizationOf(outgoing),
      method: outgoing.request.method,
      path: `${outgoing.url.pathname}${outgoing.url.search}`,
      reads: outgoing.reads,
      status: 'lost',
      fault,
    };
    this.passages.push(passage);
    const stalledMs = outgoing.reads ? undefined : this.stalls.shift();
    if (stalledMs !== undefined) {
      await this.#time.sleep(stalledMs);
      signal.throwIfAborted();
      passage.arrivedAt = this.#time.now();
    }
    await this.#time.sleep(this.#dice.between(10, 250));
    switch (fault) {
      case 'unreachable':
        throw failure(outgoing, 'no', 'No connection.');
      case 'lostBefore':
        throw failure(outgoing, maybe(outgoing), 'No answer.');
      case 'late':
        void this.#later(site, outgoing, passage);
        await this.#time.sleep(GIVEN_UP_MS);
        throw failure(outgoing, maybe(outgoing), 'No answer in time.');
      case 'serverError':
        if (this.#dice.happens(0.5)) await this.#answer(site, outgoing);
        passage.status = 502;
        return responseOf(
          { reply: { status: 502, headers: {}, text: 'Bad Gateway' }, reset: false },
          outgoing,
        );
      case 'limited': {
        passage.status = 429;
        const seconds = this.#dice.between(5, 90);
        passage.waitUntil = this.#time.now() + seconds * 1000;
        const headers = { 'retry-after': String(seconds) };
        return responseOf({ reply: { status: 429, headers, text: '{}' }, reset: false }, outgoing);
      }
      case 'emptyList':
        site.takeNext('empty-list');
        break;
      case 'halfPage':
        site.takeNext('half-page');
        break;
      case 'webPage':
        site.takeNext('html');
        break;
      case 'lostAfter':
      case undefined:
    }
    const answered = await this.#answer(site, outgoing);
    await this.#time.sleep(this.#dice.between(5, 150));
    if (fault === 'lostAfter') throw failure(outgoing, maybe(outgoing), 'The answer was lost.');
    passage.status = answered.reply?.status ?? 'lost';
    return responseOf(answered, outgoing);
  }

  #fault({ reads, url }: Outgoing): keyof WireFaults | undefined {
    const order: readonly (keyof WireFaults)[] = [
      'lostBefore',
      'lostAfter',
      'late',
      'unreachable',
      'serverError',
      'limited',
      'emptyList',
      'halfPage',
      'webPage',
    ];
    for (const name of order) {
      if (!this.#dice.happens(this.faults[name])) continue;
      if (name !== 'emptyList' && name !== 'halfPage') return name;
      if (LISTING.test(url.pathname) && reads && this.#time.now() - this.#shortenedAt > SELDOM_MS) {
        this.#shortenedAt = this.#time.now();
        return name;
      }
    }
    return undefined;
  }

  async #later(site: Site, outgoing: Outgoing, passage: Passage): Promise<void> {
    await this.#time.sleep(this.#dice.between(1_000, GIVEN_UP_MS + SHORTEST_SETTLE_MS - 1_000));
    passage.arrivedAt = this.#time.now();
    await this.#answer(site, outgoing);
  }

  async #answer(site: Site, outgoing: Outgoing): Promise<Answered> {
    const { request, url, headers } = outgoing;
    const body =
      request.form === undefined
        ? request.json === undefined
          ? ''
          : JSON.stringify(request.json)
        : new URLSearchParams(request.form).toString();
    const answered = await site.answering.answer({ method: request.method, url, headers, body });
    if (!outgoing.reads) this.onChange(authorizationOf(outgoing));
    return answered;
  }
}

function authorizationOf({ headers }: Outgoing): string {
  return headers['authorization'] ?? headers['private-token'] ?? '';
}

function maybe({ reads }: Outgoing): 'no' | 'maybe' {
  return reads ? 'no' : 'maybe';
}

function failure({ url }: Outgoing, arrived: 'no' | 'maybe', what: string): TrackerError {
  return new TrackerError('tracker-unreachable', `${url.host}: ${what}`, { arrived });
}

function responseOf({ reply }: Answered, outgoing: Outgoing): TrackerResponse {
  if (reply === undefined) throw failure(outgoing, maybe(outgoing), 'The connection broke.');
  const { status, headers, text } = reply;
  return { status, headers: new Headers(headers), text, json: jsonOf(text) };
}

function jsonOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
