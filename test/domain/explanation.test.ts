import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../src/domain/explanation.ts';
import { type FieldState, LINK_STATES } from '../../src/domain/link.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { RARE, TOLD, type Row } from './rare-situations.ts';
import { BOUND, integration, link, NOW, SINCE, WELL } from './situations.ts';

const since = SINCE;
const field = (state: FieldState, name: 'status' | 'title' | 'block' | 'label:tm-x' = 'status') =>
  link({ fields: { [name]: state } });
const none = (refusal?: Situation['refusal']): Partial<Situation> => ({ link: undefined, refusal });

const TABLE: readonly Row[] = [
  ['nothing waits', {}, 'in-sync', /^Both sides agree; nothing waits\.$/],
  ['the filter says no', none({ code: 'filtered', message: 'Its severity is "low".' }), 'left-out', /"low"/],
  [
    'the threat left its model',
    none({ code: 'threat-missing', message: 'The threat is no longer in its model.' }),
    'left-out',
    /no longer in its model/,
    /Import/,
  ],
  [
    'it is linked elsewhere',
    none({ code: 'linked-elsewhere', message: 'Another integration has it.' }),
    'left-out',
    /Another/,
    /alsoLinked/,
  ],
  [
    'no models are chosen',
    none({ code: 'models-not-chosen', message: 'Say in filter.models which.' }),
    'waits-for-person',
    /filter\.models/,
    /Name the models/,
  ],
  ['it has no issue yet', none(), 'on-its-way', /TM-7 has no issue in "Payments" yet/],
  [
    'it has no issue, and nothing runs',
    { ...none(), ...integration({ enabled: false }) },
    'stopped',
    /disabled/,
    /enabled/,
  ],
  ['the operator paused', { paused: true }, 'stopped', /operator has paused/, /SYNC_PAUSED/],
  ['the tracker is only stored', { isSynchronised: false }, 'stopped', /does not synchronise/],
  ['the integration was deleted', { integration: undefined }, 'stopped', /deleted/, /Create it again/],
  [
    'it is new',
    { ...none(), ...integration({ state: 'new' }) },
    'waits-for-person',
    /only been planned/,
    /first sync/,
  ],
  [
    'some of a plan was chosen',
    integration({ state: 'new' }),
    'waits-for-person',
    /Only chosen items/,
    /without `items`/,
  ],
  [
    'it only plans again, for a reason',
    integration({ state: 'new', stateReason: 'The database was put back.' }),
    'waits-for-person',
    /^The database was put back/,
    /Look at the plan/,
  ],
  ['it is paused', integration({ state: 'paused' }), 'stopped', /paused since 2026-11-20 09:30 UTC/],
  ['access is refused', integration({ state: 'reconnect-needed' }), 'stopped', /credentials/, /new ones/],
  ['it is braked', integration({ state: 'braked' }), 'waits-for-person', /holds back/, /approve/],
  ['the issue is being created', link({ state: 'creating' }), 'on-its-way', /to be created/],
  [
    'the create has no answer',
    { ...link({ state: 'creating' }), ops: [{ kind: 'create', createdAt: NOW }] },
    'on-its-way',
    /not known yet/,
  ],
  ['the link is dormant', link({ state: 'dormant' }), 'stopped', /rests/],
  ['the threat is gone', link({ state: 'threat-gone' }), 'stopped', /no longer in its model/],
  ['the issue is gone', link({ state: 'issue-gone' }), 'waits-for-person', /a second one is never made/],
  ['the issue moved', link({ state: 'moved' }), 'on-its-way', /moved/],
  [
    'it failed eight times',
    link({ state: 'quarantined', failures: 8, lastError: { code: 'c', message: 'No.', at: NOW } }),
    'waits-for-person',
    /after 8 failures/,
    /Mend the cause/,
  ],
  ['its mark is damaged', link({ state: 'quarantined' }), 'waits-for-person', /set aside on/],
  ['it was detached', link({ state: 'detached' }), 'left-out', /ended on/],
  [
    'it was not found once',
    link({ missingSince: SINCE }),
    'failing',
    /takes a second look/,
    /account of the integration/,
  ],
  [
    'it failed twice',
    link({ failures: 2, lastError: { code: 'tracker-refused', message: 'Validation failed.', at: SINCE } }),
    'failing',
    /failed on 2026-11-20 09:30 UTC \(tracker-refused, 2 of 8\): Validation failed\./,
  ],
  [
    'the last run failed',
    {
      lastRun: {
        id: 'r',
        state: 'failed',
        finishedAt: NOW,
        error: { code: 'tracker-unreachable', message: 'Down.' },
      },
    },
    'failing',
    /run of the integration failed on 2026-11-22 14:03 UTC: Down\./,
  ],
  [
    'a field differs',
    {
      ...field({ kind: 'conflict', conflictId: 'c', since }),
      conflicts: [{ id: 'c', field: 'status', threat: 'accepted', issue: 'open', firstSeenAt: SINCE }],
    },
    'waits-for-person',
    /The status differs .*threat says "accepted", the issue "open"/,
    /\/api\/conflicts\/c\/resolution/,
  ],
  [
    'a person has chosen',
    field({
      kind: 'conflict',
      conflictId: 'c',
      since,
      choice: { keep: 'issue', threat: 'a', issue: 'b' },
    }),
    'on-its-way',
    /chose to keep the issue's/,
  ],
  [
    'an import of its model waits',
    { heldImport: { id: 'h', reason: '9 of 10 threats are no longer in the source', at: SINCE } },
    'waits-for-person',
    /waits for a yes since 2026-11-20 09:30 UTC: 9 of 10 threats/,
    /\/api\/held-imports\/h\/confirmation/,
  ],
  [
    'a field is held',
    field({ kind: 'hold', since, threat: 'accepted', issue: null }),
    'waits-for-person',
    /after an undo: the threat says "accepted", the issue nothing\./,
    /POST \/api\/links\/l\/fields\/status\/release/,
  ],
  [
    'a close says too little',
    field({ kind: 'needs-answer', since, value: 'dropped', askedAt: NOW }),
    'waits-for-person',
    /without saying why.*a comment asks/,
    /tm-accepted/,
  ],
  [
    'the tracker cannot take a value',
    field({ kind: 'needs-mapping', since, to: 'accepted', reason: 'No way there' }),
    'waits-for-person',
    /cannot take "accepted" as the status .*No way there\./,
  ],
  ['people own the title', field({ kind: 'released', since }, 'title'), 'in-sync', /agree/],
  ['people edited our part', field({ kind: 'edited', since }, 'block'), 'in-sync', /agree/],
  ['it was bound by hand', { link: BOUND }, 'on-its-way', /bound by hand/, /sync by hand/],
  [
    'a write has no answer',
    { ops: [{ kind: 'update', createdAt: SINCE }] },
    'on-its-way',
    /whether it arrived is not known/,
  ],
  [
    'the threat has changed',
    { due: { at: '2026-11-22T14:10:00.000Z', reason: 'threat' } },
    'on-its-way',
    /due on 2026-11-22 14:10 UTC, because the threat has changed/,
  ],
  ['it is due', { due: { at: SINCE, reason: 'issue' } }, 'on-its-way', /due now, because the tracker said/],
  ...RARE,
  ...TOLD,
];

const told = (change: Partial<Situation>) => explain({ ...WELL, ...change });

function linesOf(change: Partial<Situation>): string[] {
  return told(change).facts.map(
    ({ about, sentence, todo }) => `  ${about}: ${sentence}${todo === undefined ? '' : ` → ${todo}`}`,
  );
}

const USUAL = linesOf({});

/** The situation and what is told of it; of what is told when everything is well only what is different. */
function inFull([name, change]: Row): string {
  const lines = linesOf(change).filter((line) => !USUAL.includes(line));
  return [name, ...(lines.length === 0 ? USUAL : lines)].join('\n');
}

describe('an explanation where', () => {
  for (const [name, change, verdict, summary, todo] of TABLE)
    it(`${name} says ${verdict}`, () => {
      const explanation = told(change);
      assert.equal(explanation.verdict, verdict);
      assert.match(explanation.summary, summary);
      if (todo !== undefined) assert.match(explanation.todo ?? '', todo);
      if (verdict === 'in-sync') assert.equal(explanation.todo, undefined);
    });

  // Every sentence that people read: `node --test --test-update-snapshots test/domain/explanation.test.ts` writes them anew.
  it('is told in these words', (t) => {
    t.assert.snapshot(TABLE.map(inFull).join('\n\n'), { serializers: [String] });
  });

  it('has a sentence for every state of a link, and every sentence ends', () => {
    for (const state of LINK_STATES)
      for (const { sentence } of told(link({ state, stateReason: 'For a reason.' })).facts)
        assert.match(sentence, /^[A-Z"].*[.!?]$/, state);
  });
});
