import type { Capabilities } from '../../ports/tracker.ts';

/** What GitHub takes, in characters; more is answered with 422. */
export const BODY_LIMIT = 65_536;
export const TITLE_LIMIT = 256;

/** Histories in one request: with each of the last edits comes a whole text. */
export const HISTORIES_TOGETHER = 20;

/** Updates between two looks at what they went over: as many as may be refused before writes pause. */
const UPDATES_TOGETHER = 3;

/** Our own titles stay readable in lists. */
const OUR_TITLE_LIMIT = 120;

const EVERYWHERE: Capabilities = {
  fields: new Set(['status', 'title', 'block', 'severity', 'label:*']),
  readsPerRequest: 100,
  writesPerRequest: 1,
  updatesPerLookBack: UPDATES_TOGETHER,
  showsActive: false,
  statusInSteps: true,
  concurrency: 4,
  settleMs: 10_000,
  titleLimit: OUR_TITLE_LIMIT,
  bodyLimit: BODY_LIMIT,
};

/**
 * github.com publishes its limits, counted for everything that an account does; an Enterprise Server has none
 * unless its operator sets them, and then its answers say so.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function capabilitiesOf(apiRoot: URL): Capabilities {
  if (apiRoot.pathname.endsWith('/api/v3')) return EVERYWHERE;
  return { ...EVERYWHERE, requestsPerMinute: 900, createsPerMinute: 80, createsPerHour: 500 };
}
