import type { Capabilities } from '../../ports/tracker.ts';
import { isGitlabCom } from './settings.ts';

/** What GitLab takes: characters, of a description bytes. https://docs.gitlab.com/administration/instance_limits/ */
export const BODY_LIMIT = 1_048_576;
export const TITLE_LIMIT = 255;
export const NOTE_LIMIT = 1_000_000;

/** Histories in one request: GitLab weighs a query by what it may answer. */
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
  statusInSteps: false,
  concurrency: 4,
  settleMs: 10_000,
  titleLimit: OUR_TITLE_LIMIT,
  bodyLimit: BODY_LIMIT,
};

/**
 * gitlab.com publishes its limits; a self-managed GitLab has those that its administrator sets, and then its answers
 * say so. https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom
 */
export function capabilitiesOf(apiRoot: URL): Capabilities {
  if (!isGitlabCom(apiRoot)) return EVERYWHERE;
  return { ...EVERYWHERE, requestsPerMinute: 2000, createsPerMinute: 200 };
}
