import { DEFAULT_FILTER, DEFAULT_LIMITS, DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Integration } from '../../src/domain/integration.ts';
import type { Link } from '../../src/domain/link.ts';
import type { Situation } from '../../src/domain/situation.ts';

export const NOW = '2026-11-22T14:03:00.000Z';
export const SINCE = '2026-11-20T09:30:00.000Z';

const INTEGRATION: Integration = {
  id: 'i',
  name: 'Payments',
  provider: 'github',
  config: {},
  mapping: DEFAULT_MAPPING,
  filter: DEFAULT_FILTER,
  limits: DEFAULT_LIMITS,
  autoApply: false,
  allowPublic: false,
  allowOtherInstallation: false,
  enabled: true,
  state: 'active',
  stateSince: SINCE,
  syncIntervalMinutes: 60,
  nextPollAt: '2026-11-22T15:00:00.000Z',
  webhook: { kind: 'registered', hookId: '1', url: 'https://x.example', since: SINCE, scheme: 's' },
  version: 1,
  createdAt: SINCE,
  updatedAt: SINCE,
};

/** Bound by hand: both sides were never compared. */
export const BOUND: Link = {
  id: 'l',
  integrationId: 'i',
  threatId: 't',
  role: 'threat',
  mitigationKey: '',
  state: 'linked',
  stateSince: SINCE,
  issue: { id: 'I_42', key: '42', url: 'https://tracker.example/42' },
  fields: {},
  lastOpenStatus: 'identified',
  closedByUs: false,
  failures: 0,
  version: 1,
  createdAt: SINCE,
};

const LINK: Link = { ...BOUND, base: { threat: {}, issue: {}, mappingVersion: 1 } };

/** Everything is well. */
export const WELL: Situation = {
  now: NOW,
  paused: false,
  retryLimit: 8,
  isSynchronised: true,
  integration: INTEGRATION,
  threat: { number: 7, presence: 'present', status: 'identified' },
  link: LINK,
  refusal: undefined,
  ops: [],
  conflicts: [],
  due: undefined,
  active: undefined,
  lastRun: { id: 'r', state: 'completed', finishedAt: NOW },
  lastItem: undefined,
  plan: undefined,
  delivery: undefined,
};

export const link = (change: Partial<Link>): Partial<Situation> => ({ link: { ...LINK, ...change } });
export const integration = (change: Partial<Integration>): Partial<Situation> => ({
  integration: { ...INTEGRATION, ...change },
});
/** A link whose issue was never made. */
export function unmade(change: Partial<Link>): Partial<Situation> {
  const never: Link = { ...LINK, ...change };
  delete never.issue;
  return { link: never };
}
