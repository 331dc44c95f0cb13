import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../src/domain/explanation.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { FieldState } from '../../src/domain/link.ts';
import type { Step } from '../../src/domain/plan.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { integration, link, SINCE, WELL } from './situations.ts';

const told = (change: Partial<Situation>) => explain({ ...WELL, ...change });
const about = (change: Partial<Situation>, topic: string) =>
  told(change).facts.flatMap((fact) => (fact.about === topic ? [fact.sentence] : []));

describe('the facts of an explanation', () => {
  it('tell the rules', () => {
    const mapping = {
      ...DEFAULT_MAPPING,
      version: 3,
      policies: { status: 'newest', title: 'threat', block: 'issue' } as const,
    };
    const rules = about(integration({ mapping }), 'rule');
    assert.match(rules[0] ?? '', /status.*newer change wins/);
    assert.match(rules[1] ?? '', /title.*the threat wins/);
    assert.match(rules[2] ?? '', /our part.*the issue wins/);
    assert.match(rules[3] ?? '', /version 1, now 3/);
  });

  it('tell what becomes of the issue of a missing threat', () => {
    const threat = { number: 7, presence: 'missing', status: 'identified' } as const;
    assert.match(about({ threat }, 'rule').at(-1) ?? '', /left open/);
    const mapping = { ...DEFAULT_MAPPING, missing: 'close' } as const;
    assert.match(about({ threat, ...integration({ mapping }) }, 'rule').at(-1) ?? '', /closed after/);
  });

  it('tell that a linked threat has left the filter, which changes nothing', () => {
    const refusal = { code: 'filtered', message: 'Its severity is "low".' };
    assert.match(about({ refusal }, 'filter')[0] ?? '', /goes on with this one: Its severity is "low"/);
    assert.equal(told({ refusal }).verdict, 'in-sync');
  });

  it('name the mitigation that a link is about, and what its fields wait for', () => {
    const own = link({ role: 'mitigation', mitigationKey: 'M1', state: 'linked' });
    assert.match(about(own, 'state')[0] ?? '', /^Mitigation "M1" of threat TM-7 and issue/);
    const waiting = (status: FieldState) =>
      about(link({ state: 'linked', fields: { status } }), 'field')[0] ?? '';
    assert.match(waiting({ kind: 'awaits-verification', since: SINCE }), /done.*awaits verification/);
    const tooSoon = waiting({ kind: 'needs-answer', since: SINCE, value: 'mitigated', askedAt: SINCE });
    assert.match(tooSoon, /not every mitigation.*a comment asks/);
  });

  it('tell the last plan', () => {
    const head = { id: 'link:l', threatId: 't', title: 'T' };
    const steps: Step[] = [
      { kind: 'push', field: 'title', threat: 'a', from: 'b', to: 'c' },
      { kind: 'pull', field: 'status', from: 'identified', to: 'mitigated', issue: 'mitigated' },
    ];
    const plan = { id: 'p', createdAt: SINCE };
    const say = (item?: NonNullable<Situation['plan']>['item']) =>
      about({ plan: { ...plan, ...(item === undefined ? {} : { item }) } }, 'plan')[0] ?? '';
    assert.match(say(), /\(2026-11-20 09:30 UTC\) has nothing about it/);
    assert.match(
      say({ ...head, action: 'update', steps }),
      /writes title to the issue; takes status "mitigated" from the issue\./,
    );
    assert.match(say({ ...head, action: 'none', steps: [] }), /nothing to do/);
    assert.match(say({ ...head, action: 'create', steps: [] }), /creates its issue/);
    const skip = { code: 'filtered', message: 'Too low.' } as const;
    assert.match(say({ ...head, action: 'skip', steps: [], skip }), /leaves it out: Too low\./);
  });

  it('tell the last run and what it did', () => {
    assert.match(about({}, 'run')[0] ?? '', /on 2026-11-22 14:03 UTC had nothing to do/);
    assert.match(about({ lastRun: undefined }, 'run')[0] ?? '', /No run/);
    const reason = { code: 'x', message: 'It was refused.' };
    assert.match(
      about({ lastItem: { outcome: 'failed', fields: ['title'], reason } }, 'run')[0] ?? '',
      /says "failed" \(title\): It was refused\./,
    );
  });

  it('tell the last delivery, or that none came', () => {
    const delivery = { event: 'issues', verdict: 'processed', receivedAt: SINCE } as const;
    assert.match(about({ delivery }, 'delivery')[0] ?? '', /2026-11-20 09:30 UTC \("issues", processed\)\./);
    assert.match(about({}, 'delivery')[0] ?? '', /No webhook request .* issue 42/);
  });

  it('tell when the next look is', () => {
    assert.match(about({}, 'next')[0] ?? '', /asked for changes on 2026-11-22 15:00 UTC/);
    assert.match(about(integration({ syncIntervalMinutes: null }), 'next')[0] ?? '', /No time is set/);
    assert.match(about({ active: { id: 'r', waiting: 'Slow down.' } }, 'next')[0] ?? '', /It waits: Slow/);
    assert.match(about({ paused: true }, 'next')[0] ?? '', /not looked at again until/);
  });
});
