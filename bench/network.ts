import type { Answering } from '../simulators/shared/answering.ts';
import type { Net } from '../simulators/shared/net.ts';
import type { Overrides } from '../src/compose.ts';
import type { Clock } from '../src/ports/clock.ts';

/** How long every request takes; only the hours of the table depend on it, no count. */
const ANSWER_MS = 150;
/** An address of documentation, which is nobody's: https://datatracker.ietf.org/doc/html/rfc5737 */
const ADDRESS = { address: '203.0.113.1', family: 4 };

/** Simulators at the vendors' own addresses, within this process: nothing leaves it. */
export interface Network {
  /** For a simulator that is to answer at this origin. */
  netAt(origin: string): Net;
  /** For the service. */
  forService: NonNullable<Overrides['network']>;
}

export function networkWithin(clock: Clock): Network {
  const sites = new Map<string, Answering>();
  return {
    netAt: (origin) => ({
      serve(site) {
        sites.set(origin, site);
        return Promise.resolve({ url: origin, close: () => Promise.resolve() });
      },
      post: () =>
        Promise.resolve({ statusCode: 0, status: 'nobody listens', responseHeaders: {}, responseBody: '' }),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    }),
    forService: {
      resolve: () => Promise.resolve([ADDRESS]),
      async wire({ request, url, headers }, signal) {
        const site = sites.get(url.origin);
        if (site === undefined) throw new Error(`nobody answers at ${url.origin}`);
        await clock.sleep(ANSWER_MS, signal);
        const { method, json, form } = request;
        const body = json === undefined ? new URLSearchParams(form).toString() : JSON.stringify(json);
        const { reply } = await site.answer({ method, url, headers, body });
        if (reply === undefined) throw new Error(`${url.href} was not answered`);
        const { status, text } = reply;
        return { status, headers: new Headers(reply.headers), text, json: jsonOf(text) };
      },
    },
  };
}

function jsonOf(text: string): unknown {
  return /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined;
}
