import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { FieldState } from '../../src/domain/link.ts';
import type { PlanItem, Step } from '../../src/domain/plan.ts';
import type { Situation, Verdict } from '../../src/domain/situation.ts';
import { BOUND, integration, link, NOW, SINCE, unmade } from './situations.ts';

/** What is so, the verdict, and words of the sentence that decides it. */
export type Row = readonly [
  name: string,
  change: Partial<Situation>,
  verdict: Verdict,
  summary: RegExp,
  todo?: RegExp,
];

const since = SINCE;
const field = (state: FieldState, name: 'status' | 'title' | 'block' | 'label:tm-x' = 'status') =>
  link({ fields: { [name]: state } });
const none = (refusal?: Situation['refusal']): Partial<Situation> => ({ link: undefined, refusal });

/** Corners of what can be so. */
export const RARE: readonly Row[] = [
  ['it is due this moment', { due: { at: NOW, reason: 'something' } }, 'on-its-way', /^It is due now\.$/],
  [
    'a label differs',
    {
      ...field({ kind: 'conflict', conflictId: 'c', since }, 'label:tm-x'),
      conflicts: [
        { id: 'b', field: 'title', threat: 'One', issue: 'Two', firstSeenAt: NOW },
        { id: 'c', field: 'label:tm-x', threat: 'present', issue: null, firstSeenAt: SINCE },
      ],
    },
    'waits-for-person',
    /^The label "tm-x" differs .*the issue nothing\)/,
  ],
  [
    'our part differs',
    {
      ...field({ kind: 'conflict', conflictId: 'c', since }, 'block'),
      conflicts: [{ id: 'c', field: 'block', threat: 'a', issue: 'b', firstSeenAt: SINCE }],
    },
    'waits-for-person',
    /^Our part of the text differs and a person must choose; nothing/,
  ],
  [
    'the record of a conflict is not there',
    field({ kind: 'conflict', conflictId: 'c', since }),
    'waits-for-person',
    /^The status differs and a person must choose; nothing is overwritten\.$/,
  ],
  [
    'a close says too little, and nobody has asked yet',
    field({ kind: 'needs-answer', since, value: 'dropped' }),
    'waits-for-person',
    /so the threat keeps its status\.$/,
  ],
  [
    'the tracker cannot be without a value',
    field({ kind: 'needs-mapping', since, to: null, reason: 'It is a must!' }),
    'waits-for-person',
    /cannot take nothing as the status .*: It is a must!$/,
  ],
  [
    'a field of a resting link waits',
    link({ state: 'dormant', fields: { title: { kind: 'hold', since, threat: 'a', issue: 'b' } } }),
    'stopped',
    /rests/,
  ],
  [
    'a field of a detached link waited',
    link({ state: 'detached', fields: { title: { kind: 'hold', since, threat: 'a', issue: 'b' } } }),
    'left-out',
    /ended on/,
  ],
  ['it is the issue of a model', link({ role: 'parent' }), 'in-sync', /agree/],
  ['the issue of a model was bound by hand', { link: { ...BOUND, role: 'parent' } }, 'in-sync', /agree/],
  [
    'the issue of a model was removed with it',
    { ...link({ role: 'parent', state: 'threat-gone' }), threat: undefined },
    'stopped',
    /^The threat is no longer/,
  ],
  [
    'an issue that was never made was set aside',
    unmade({ state: 'quarantined', failures: 7, stateReason: 'Twice the same mark.' }),
    'waits-for-person',
    /^The link was set aside on 2026-11-20 09:30 UTC: nothing/,
  ],
  [
    'an issue was missed before it was gone',
    link({ state: 'issue-gone', missingSince: SINCE }),
    'waits-for-person',
    /does not have issue 42/,
  ],
  [
    'it has no issue, and the integration is gone',
    { ...none(), integration: undefined, threat: undefined },
    'stopped',
    /deleted/,
  ],
  [
    'an old failure was made good',
    link({ failures: 0, lastError: { code: 'c', message: 'No.', at: SINCE } }),
    'in-sync',
    /agree/,
  ],
  [
    'the last run failed without a word',
    { lastRun: { id: 'r', state: 'failed' } },
    'failing',
    /^The last run of the integration failed: it did not say why\.$/,
  ],
  [
    'a comment has no answer',
    { ops: [{ kind: 'comment', createdAt: SINCE }] },
    'on-its-way',
    /^A comment was sent/,
  ],
  [
    'an unknown write belongs to a link that was set aside',
    { ...link({ state: 'quarantined' }), ops: [{ kind: 'update', createdAt: SINCE }] },
    'waits-for-person',
    /set aside/,
  ],
  [
    'an unknown write is no create',
    { ...link({ state: 'creating' }), ops: [{ kind: 'comment', createdAt: SINCE }] },
    'on-its-way',
    /^Its issue is to be created/,
  ],
  [
    'it is paused for a reason',
    integration({ state: 'paused', stateReason: 'A move.' }),
    'stopped',
    /paused/,
  ],
  [
    'access is refused for a reason',
    integration({ state: 'reconnect-needed', stateReason: 'The token has expired.' }),
    'stopped',
    /credentials/,
  ],
  [
    'it is braked for a reason',
    integration({ state: 'braked', stateReason: 'It would close 30 issues.' }),
    'waits-for-person',
    /holds back/,
  ],
  ['an empty reason is given', integration({ state: 'paused', stateReason: '' }), 'stopped', /paused/],
];

const item = (change: Partial<PlanItem>): Partial<Situation> => ({
  plan: {
    id: 'p',
    createdAt: SINCE,
    item: { id: 'link:l', threatId: 't', title: 'T', action: 'none', steps: [], ...change },
  },
});

const STEPS: readonly Step[] = [
  { kind: 'push', field: 'title', threat: 'a', from: 'b', to: 'c' },
  { kind: 'pull', field: 'status', from: 'identified', to: 'mitigated', issue: 'mitigated' },
  { kind: 'agree', field: 'block', threat: 'a', issue: 'b' },
  { kind: 'release', field: 'severity', threat: 'a', issue: 'b', owned: true },
  { kind: 'leave', field: 'block', issue: 'b' },
  { kind: 'conflict', field: 'title', base: { threat: 'a', issue: 'b' }, threat: 'c', issue: 'd' },
  { kind: 'withdraw', field: 'title' },
  { kind: 'stuck', field: 'status', to: 'accepted', shows: 'open', reason: 'No way.' },
  { kind: 'question', field: 'status', issue: 'dropped' },
];

const missing = { number: 7, presence: 'missing', status: 'identified' } as const;
const lastRun = { id: 'r', state: 'completed' } as const;
const FINE = /^Both sides agree; nothing waits\.$/;

/** What is told besides, whatever the verdict. */
export const TOLD: readonly Row[] = [
  ['a plan knows nothing of it', { plan: { id: 'p', createdAt: SINCE } }, 'in-sync', FINE],
  ['a plan creates', item({ action: 'create' }), 'in-sync', FINE],
  ['a plan creates again', item({ action: 'recreate' }), 'in-sync', FINE],
  ['a plan lets go', item({ action: 'detach', movedTo: 'https://x.example/1' }), 'in-sync', FINE],
  ['a plan lets go without a place', item({ action: 'detach' }), 'in-sync', FINE],
  ['a plan finds nothing', item({}), 'in-sync', FINE],
  [
    'a plan leaves out',
    item({ action: 'skip', skip: { code: 'filtered', message: 'Too low.' } }),
    'in-sync',
    FINE,
  ],
  ['a plan leaves out without a word', item({ action: 'skip' }), 'in-sync', FINE],
  ['a plan updates', item({ action: 'update', steps: STEPS }), 'in-sync', FINE],
  ['no run has ended', { lastRun: undefined }, 'in-sync', FINE],
  [
    'a run ended before there was an issue',
    { ...none(), lastRun },
    'on-its-way',
    /no issue in "Payments" yet/,
  ],
  ['a run did nothing, at a time that is not known', { lastRun }, 'in-sync', FINE],
  ['a run did something', { lastItem: { outcome: 'pushed', fields: ['title', 'block'] } }, 'in-sync', FINE],
  [
    'a run failed at it',
    { lastItem: { outcome: 'failed', fields: [], reason: { code: 'x', message: 'Refused.' } } },
    'in-sync',
    FINE,
  ],
  [
    'a webhook request came',
    { delivery: { event: 'issues', verdict: 'processed', receivedAt: SINCE } },
    'in-sync',
    FINE,
  ],
  [
    'a webhook request was ignored',
    { delivery: { event: 'issues', verdict: 'ignored', receivedAt: SINCE, reason: 'Not ours.' } },
    'in-sync',
    FINE,
  ],
  [
    'there is no webhook',
    integration({ webhook: { kind: 'manual', todo: 'Add it by hand.' } }),
    'in-sync',
    FINE,
  ],
  ['a run goes on', { active: { id: 'r' } }, 'in-sync', FINE],
  ['a run waits', { active: { id: 'r', waiting: 'Slow down.' } }, 'in-sync', FINE],
  ['there is no schedule', integration({ syncIntervalMinutes: null }), 'in-sync', FINE],
  [
    'the policies are of every kind',
    integration({
      mapping: { ...DEFAULT_MAPPING, policies: { status: 'newest', title: 'threat', block: 'issue' } },
    }),
    'in-sync',
    FINE,
  ],
  ['the mapping is newer', integration({ mapping: { ...DEFAULT_MAPPING, version: 3 } }), 'in-sync', FINE],
  ['a missing threat keeps its issue', { threat: missing }, 'in-sync', FINE],
  [
    'a missing threat closes its issue',
    { threat: missing, ...integration({ mapping: { ...DEFAULT_MAPPING, missing: 'close' } }) },
    'in-sync',
    FINE,
  ],
  [
    'the filter would take it no more',
    { refusal: { code: 'filtered', message: 'Too low.' } },
    'in-sync',
    FINE,
  ],
  [
    'a resting link is out of the filter',
    { ...link({ state: 'dormant' }), refusal: { code: 'filtered', message: 'Too low.' } },
    'stopped',
    /rests/,
  ],
  [
    'the integration of a detached link',
    { ...link({ state: 'detached' }), active: { id: 'r' } },
    'left-out',
    /ended/,
  ],
];
