import type { Capabilities } from '../../ports/tracker.ts';

/** Characters of a description or comment, unless a Data Center's administrator set another limit. */
export const BODY_LIMIT = 32_767;
export const TITLE_LIMIT = 255;
/** Of our comments in wiki markup: with room for their mark. */
export const WIKI_LIMIT = BODY_LIMIT - 1000;
/**
 * Of the JSON of what we write on Cloud. Jira counts a document's characters in a form of its own, in which a sign may be
 * two; this is below the limit in any form.
 */
export const ADF_LIMIT = 15_000;

/** Creates that are read back in one request; they go out in as many as Jira's own limit asks for. */
export const CREATES_TOGETHER = 100;

/** Our own titles stay readable in lists. */
const OUR_TITLE_LIMIT = 120;

const EVERYWHERE: Capabilities = {
  fields: new Set(['status', 'title', 'block', 'severity', 'priority', 'label:*']),
  readsPerRequest: 100,
  writesPerRequest: CREATES_TOGETHER,
  updatesPerLookBack: CREATES_TOGETHER,
  showsActive: true,
  statusInSteps: true,
  concurrency: 4,
  settleMs: 180_000,
  titleLimit: OUR_TITLE_LIMIT,
  bodyLimit: BODY_LIMIT,
};

/**
 * Cloud limits bursts per endpoint (the tightest: 50 writes a second), and an OAuth app 65,000 points an hour, which all
 * sites may share. A Data Center has no limits unless its administrator sets some, and then its answers say so.
 * https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
 */
export function capabilitiesOf(kind: 'cloud' | 'cloud-app' | 'data-center'): Capabilities {
  switch (kind) {
    case 'cloud':
      return { ...EVERYWHERE, requestsPerMinute: 2000 };
    case 'cloud-app':
      return { ...EVERYWHERE, requestsPerMinute: 500 };
    case 'data-center':
      return EVERYWHERE;
  }
}
