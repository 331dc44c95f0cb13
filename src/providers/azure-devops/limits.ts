import type { Capabilities } from '../../ports/tracker.ts';

/** What Azure DevOps takes, in characters. https://learn.microsoft.com/azure/devops/organizations/settings/work/object-limits */
export const TITLE_LIMIT = 255;
export const BODY_LIMIT = 1_000_000;
export const COMMENT_LIMIT = 150_000;
export const TAG_LIMIT = 100;
export const TAG_LENGTH = 400;

/** Work items in one request, read or written. */
export const TOGETHER = 200;

/** Our own titles stay readable in lists. */
const OUR_TITLE_LIMIT = 120;

/**
 * Limits are published in units of work, not in requests: the answers say when they come near.
 * https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
 */
export const CAPABILITIES: Capabilities = {
  fields: new Set(['status', 'title', 'block', 'severity', 'priority', 'label:*']),
  readsPerRequest: TOGETHER,
  writesPerRequest: TOGETHER,
  showsActive: true,
  statusInSteps: true,
  concurrency: 4,
  settleMs: 15_000,
  titleLimit: OUR_TITLE_LIMIT,
  bodyLimit: BODY_LIMIT,
};
