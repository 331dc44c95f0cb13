import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOf, lastChangeOf, ruleOf, wordsOfCause } from '../../src/domain/conflict-cause.ts';
import type { JournalEntry } from '../../src/domain/event.ts';
import type { FieldKey, SideChange } from '../../src/domain/link.ts';

const BASE = { threat: 'identified', issue: 'open' };
const AT = '2026-01-01T00:00:00.000Z';

/** What the two sides of a field have become, and what is said of it. */
const TABLE: [FieldKey, string | null, string | null, string, string][] = [
  [
    'status',
    'mitigated',
    'active',
    'mitigated-against-active',
    'The threat became "mitigated", and the issue says "active".',
  ],
  [
    'status',
    'accepted',
    'dropped',
    'accepted-against-dropped',
    'The threat became "accepted", and the issue was closed without being done and without saying why.',
  ],
  [
    'status',
    null,
    null,
    'nothing-against-nothing',
    'The threat became "nothing", and the issue says "nothing".',
  ],
  ['title', 'A', 'B', 'renamed-on-both-sides', 'The threat and the issue were renamed, differently.'],
  [
    'block',
    'a',
    'b',
    'edited-in-the-issue',
    'People edited our part of the text of the issue, and the threat has changed.',
  ],
  [
    'severity',
    'high',
    'low',
    'changed-on-both-sides',
    'The severity was changed on both sides, differently.',
  ],
  [
    'label:pii',
    'on',
    null,
    'changed-on-both-sides',
    'The label "pii" was changed on both sides, differently.',
  ],
];

describe('the cause of a conflict', () => {
  for (const [field, threat, issue, cause, words] of TABLE)
    it(`of the ${field} is ${cause}`, () => {
      assert.equal(causeOf({ field, base: BASE, threat, issue }), cause);
      assert.equal(wordsOfCause({ field, cause, threat, issue }), words);
    });

  it('is the link made by hand where neither side has a past', () => {
    for (const [field, name] of [
      ['status', 'status'],
      ['block', 'text'],
      ['label:pii', 'label "pii"'],
    ] as const) {
      const sides = { field, threat: 'a', issue: 'b' };
      const cause = causeOf({ ...sides, base: { threat: null, issue: null } });
      assert.equal(cause, 'linked-by-hand');
      const words = `The issue was linked by hand, and its ${name} differs from the threat's.`;
      assert.equal(wordsOfCause({ ...sides, cause }), words);
      for (const base of [
        { threat: null, issue: 'b' },
        { threat: 'a', issue: null },
      ])
        assert.notEqual(causeOf({ ...sides, base }), cause);
    }
  });
});

describe('the rule that would settle all conflicts of a cause', () => {
  const title = { field: 'title', cause: 'renamed-on-both-sides', threat: 'A', issue: 'B' } as const;
  const status = { field: 'status', cause: 'x', threat: 'mitigated', issue: 'dropped' } as const;

  it('keeps a side of every title and every text, and of a status with both words', () => {
    assert.deepEqual(ruleOf(title, 'issue'), { field: 'title', keep: 'issue' });
    assert.deepEqual(ruleOf({ ...title, field: 'block' }, 'threat'), { field: 'block', keep: 'threat' });
    const words = { field: 'status', threat: 'mitigated', issue: 'dropped' };
    assert.deepEqual(ruleOf(status, 'threat'), { ...words, keep: 'threat' });
  });

  it('is none where only the single case can be judged', () => {
    for (const conflict of [
      { ...title, cause: 'linked-by-hand' },
      { ...status, cause: 'linked-by-hand' },
      { ...status, field: 'severity' as const },
      { ...status, threat: null },
      { ...status, threat: 'odd' },
      { ...status, issue: null },
      { ...status, issue: 'odd' },
    ])
      assert.equal(ruleOf(conflict, 'threat'), undefined);
  });
});

describe('the last change of a threat', () => {
  const entry = (action: string, field?: FieldKey): JournalEntry => ({
    at: AT,
    actor: 'ada',
    action,
    ...(field === undefined ? {} : { field }),
  });
  const source: SideChange = { at: AT, by: 'ada', how: 'source' };
  const api: SideChange = { at: AT, by: 'ada', how: 'api' };

  it('is told with who made it, where that is known', () => {
    const cases: [JournalEntry, FieldKey, SideChange][] = [
      [entry('threat-changed', 'title'), 'title', source],
      [entry('threat-status-set'), 'status', api],
      [entry('threat-title-set'), 'title', api],
      [entry('threat-severity-set'), 'severity', api],
      [entry('threat-description-set'), 'block', api],
      [entry('acceptance-ended'), 'status', { at: AT, how: 'expiry' }],
      [entry('status-pulled'), 'status', { at: AT, how: 'tracker' }],
    ];
    for (const [change, field, expected] of cases) {
      assert.deepEqual(lastChangeOf(field, [change]), expected, change.action);
      assert.equal(lastChangeOf('priority', [change]), undefined, change.action);
    }
  });

  it('of our text is that of any field but the status', () => {
    assert.deepEqual(lastChangeOf('block', [entry('threat-changed', 'severity')]), source);
    assert.deepEqual(lastChangeOf('block', [entry('threat-title-set')]), api);
    for (const change of [entry('threat-changed', 'status'), entry('threat-status-set')])
      assert.equal(lastChangeOf('block', [change]), undefined);
  });

  it('is the newest that the journal tells', () => {
    const journal = [entry('issue-created'), entry('threat-title-set'), entry('threat-changed', 'title')];
    assert.deepEqual(lastChangeOf('title', journal), api);
    assert.equal(lastChangeOf('title', [entry('threat-changed')]), undefined);
    assert.equal(lastChangeOf('title', []), undefined);
  });
});
