import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOf, lastChangeOf, ruleOf, wordsOfCause } from '../../src/domain/conflict-cause.ts';
import type { JournalEntry } from '../../src/domain/event.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import type { FieldKey } from '../../src/domain/link.ts';
import { ruleFor, type Rule, STATUS_WORDS, withRule, wordsOfRule } from '../../src/domain/rules.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import {
  AT,
  chosen,
  issueOf,
  linked,
  linkedByHand,
  recorded,
  stepOf,
  stepsOf,
  synced,
  threatOf,
  trackerStatus,
  withIssue,
  withThreat,
} from './world.ts';
import type { World } from './world.ts';

/** Mitigated in the model, dropped without a word in the tracker. */
function bothMoved(rules: readonly Rule[], policies: Partial<Mapping['policies']> = {}): World {
  const world = withThreat(linked(threatOf(), policies, { rules }), {}, 'mitigated');
  return withIssue(world, { status: trackerStatus('dropped'), labels: ['tm-accepted'] });
}

const ACCEPTED_STAYS: Rule = { field: 'status', threat: 'mitigated', issue: 'accepted', keep: 'issue' };

describe('a rule', () => {
  it('fits by field and by the words it names', () => {
    const wide: Rule = { field: 'status', keep: 'threat' };
    const cases: readonly [Rule, string, string | null, string | null, boolean][] = [
      [ACCEPTED_STAYS, 'status', 'mitigated', 'accepted', true],
      [ACCEPTED_STAYS, 'status', 'mitigated', 'dropped', false],
      [ACCEPTED_STAYS, 'status', 'avoided', 'accepted', false],
      [ACCEPTED_STAYS, 'title', 'mitigated', 'accepted', false],
      [wide, 'status', null, null, true],
      [{ field: 'block', keep: 'ask' }, 'block', 'a', 'b', true],
      [{ field: 'block', keep: 'ask' }, 'title', 'a', 'b', false],
    ];
    for (const [rule, field, threat, issue, fits] of cases)
      assert.equal(ruleFor([rule], field, threat, issue) === rule, fits, wordsOfRule(rule));
    assert.equal(ruleFor([ACCEPTED_STAYS, wide], 'status', 'mitigated', 'accepted'), ACCEPTED_STAYS);
    assert.equal(ruleFor([wide, ACCEPTED_STAYS], 'status', 'mitigated', 'accepted'), wide);
  });

  it('that is added comes first, in place of the one about the same case', () => {
    const other: Rule = { field: 'title', keep: 'issue' };
    const turned: Rule = { ...ACCEPTED_STAYS, keep: 'threat' };
    assert.deepEqual(withRule([other, ACCEPTED_STAYS], turned), [turned, other]);
    assert.deepEqual(withRule([], other), [other]);
  });

  it('is told in words', () => {
    assert.equal(wordsOfRule(ACCEPTED_STAYS), 'status "mitigated" against "accepted": keep the issue');
    assert.equal(
      wordsOfRule({ field: 'status', keep: 'ask' }),
      'status anything against anything: ask a person',
    );
    assert.equal(wordsOfRule({ field: 'block', keep: 'threat' }), 'block: keep the threat');
  });
});

describe('a field that both sides changed', () => {
  it('is settled by the first rule that fits, whatever the policy', () => {
    const rule = wordsOfRule(ACCEPTED_STAYS);
    for (const status of ['threat', 'issue', 'newest', 'ask'] as const)
      assert.deepEqual(stepOf(bothMoved([ACCEPTED_STAYS], { status }), 'status'), {
        kind: 'pull',
        field: 'status',
        from: 'mitigated',
        to: 'accepted',
        issue: 'accepted',
        wonBy: 'rule',
        rule,
      });
    const step = stepOf(bothMoved([{ ...ACCEPTED_STAYS, keep: 'threat' }]), 'status');
    assert.deepEqual([step?.kind, step?.kind === 'push' && step.wonBy], ['push', 'rule']);
  });

  it('is left to a person by a rule that asks, and to the policy by one that does not fit', () => {
    const ask: Rule = { field: 'status', issue: 'accepted', keep: 'ask' };
    assert.equal(stepOf(bothMoved([ask], { status: 'threat' }), 'status')?.kind, 'conflict');
    const other: Rule = { field: 'status', issue: 'transferred', keep: 'issue' };
    const step = stepOf(bothMoved([other], { status: 'threat' }), 'status');
    assert.deepEqual([step?.kind, step?.kind === 'push' && step.wonBy], ['push', 'threat']);
  });

  it('agrees after the rule was carried out', () => {
    for (const keep of ['threat', 'issue'] as const)
      assert.deepEqual(stepsOf(synced(bothMoved([{ ...ACCEPTED_STAYS, keep }]))), []);
  });

  it('is asked about once by a rule that keeps a close without a reason', () => {
    const world = withIssue(bothMoved([{ field: 'status', keep: 'issue' }]), { labels: [] });
    assert.equal(stepOf(world, 'status')?.kind, 'question');
    assert.deepEqual(stepsOf({ ...world, link: recorded(world) }), []);
  });

  it('goes by what a person chose before it goes by a rule', () => {
    const world = chosen(bothMoved([ACCEPTED_STAYS]), 'status', 'threat');
    assert.deepEqual(stepOf(world, 'status'), {
      kind: 'push',
      field: 'status',
      threat: 'mitigated',
      from: 'accepted',
      to: 'mitigated',
    });
  });

  it('is not settled by a rule where a side alone has changed', () => {
    const world = withThreat(
      linked(threatOf(), {}, { rules: [{ field: 'status', keep: 'issue' }] }),
      {},
      'mitigated',
    );
    const step = stepOf(world, 'status');
    assert.deepEqual([step?.kind, step?.kind === 'push' && step.wonBy], ['push', undefined]);
  });

  it('is not settled by a rule where there is no past', () => {
    const issue = issueOf({ status: trackerStatus('done') });
    const world = linkedByHand(threatOf(), issue);
    const mapping = { ...world.mapping, rules: [{ field: 'status' as const, keep: 'threat' as const }] };
    assert.equal(stepOf({ ...world, mapping }, 'status')?.kind, 'conflict');
  });
});

describe('the text that people removed', () => {
  it('is not put in again by a rule', () => {
    const world = withThreat(linked(threatOf(), {}, { rules: [{ field: 'block', keep: 'threat' }] }), {
      description: 'Another one.',
    });
    assert.equal(stepOf(withIssue(world, { block: { kind: 'absent' } }), 'block')?.kind, 'release');
  });

  it('and that they edited is given to them by a rule, which is told', () => {
    const world = withThreat(linked(threatOf(), {}, { rules: [{ field: 'block', keep: 'issue' }] }), {
      description: 'Another one.',
    });
    const edited = withIssue(world, { block: { kind: 'present', mark: 'mark', text: 'theirs' } });
    const step = stepOf(edited, 'block');
    assert.deepEqual(
      [step?.kind, step?.kind === 'release' && step.rule],
      ['release', 'block: keep the issue'],
    );
    const overwritten = {
      ...edited,
      mapping: { ...edited.mapping, rules: [{ field: 'block' as const, keep: 'threat' as const }] },
    };
    assert.equal(stepOf(overwritten, 'block')?.kind, 'push');
  });
});

const PAST: { threat: string | null; issue: string | null } = { threat: 'identified', issue: 'open' };
const about = (field: FieldKey, threat: string | null, issue: string | null, base = PAST) => {
  const conflict = { field, base, threat, issue };
  return { ...conflict, cause: causeOf(conflict) };
};

describe('the cause of a conflict', () => {
  it('is what can be settled alike', () => {
    const none = { threat: null, issue: null };
    assert.deepEqual(
      [
        about('status', 'mitigated', 'dropped'),
        about('status', 'mitigated', 'dropped', none),
        about('title', 'a', 'b'),
        about('block', 'a', 'b'),
        about('label:x', 'a', 'b'),
      ].map(({ cause }) => cause),
      [
        'mitigated-against-dropped',
        'linked-by-hand',
        'renamed-on-both-sides',
        'edited-in-the-issue',
        'changed-on-both-sides',
      ],
    );
  });

  it('is told in a sentence of its own', () => {
    const told = [
      about('status', 'mitigated', 'dropped'),
      about('status', 'mitigated', 'accepted'),
      about('title', 'a', 'b'),
      about('block', 'a', 'b'),
      about('label:x', 'a', 'b'),
      { ...about('block', 'a', 'b'), cause: 'linked-by-hand' },
    ].map(wordsOfCause);
    assert.equal(new Set(told).size, told.length);
    assert.match(told[0] ?? '', /"mitigated".*without saying why/);
    for (const sentence of told) assert.match(sentence, /^[A-Z].*\.$/);
  });

  it('makes a rule that fits exactly its conflicts', () => {
    for (const threat of STATUSES)
      for (const issue of STATUS_WORDS) {
        const rule = ruleOf(about('status', threat, issue), 'threat');
        assert.ok(rule !== undefined);
        assert.equal(ruleFor([rule], 'status', threat, issue), rule);
        assert.equal(ruleFor([rule], 'status', threat, 'another'), undefined);
        assert.equal(ruleFor([rule], 'status', 'another', issue), undefined);
      }
    assert.deepEqual(ruleOf(about('block', 'a', 'b'), 'issue'), { field: 'block', keep: 'issue' });
    assert.equal(ruleOf({ ...about('block', 'a', 'b'), cause: 'linked-by-hand' }, 'issue'), undefined);
    assert.equal(ruleOf(about('severity', 'a', 'b'), 'issue'), undefined);
  });
});

const entry = (action: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  at: AT,
  actor: 'ann',
  action,
  ...more,
});

describe('the last change of a threat', () => {
  it('is told by the journal, as far as it knows', () => {
    const set = entry('threat-status-set');
    const imported = entry('threat-changed', { field: 'status', actor: 'platform' });
    assert.deepEqual(lastChangeOf('status', [set, imported]), { at: AT, by: 'ann', how: 'api' });
    assert.deepEqual(lastChangeOf('status', [imported, set]), { at: AT, by: 'platform', how: 'source' });
    assert.deepEqual(lastChangeOf('status', [entry('status-pulled', { field: 'status', actor: 'sync' })]), {
      at: AT,
      how: 'tracker',
    });
    assert.equal(
      lastChangeOf('status', [entry('threat-title-set'), entry('status-pushed', { field: 'status' })]),
      undefined,
    );
    assert.equal(lastChangeOf('title', []), undefined);
  });

  it('is one of the text whatever it was, but for the status', () => {
    for (const action of ['threat-title-set', 'threat-severity-set', 'threat-description-set'])
      assert.equal(lastChangeOf('block', [entry(action)])?.how, 'api', action);
    assert.equal(lastChangeOf('block', [entry('threat-status-set')]), undefined);
    assert.equal(lastChangeOf('block', [entry('threat-changed', { field: 'status' })]), undefined);
    assert.equal(lastChangeOf('title', [entry('threat-description-set')]), undefined);
  });
});
