import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_FILTER, DEFAULT_LIMITS, DEFAULT_MAPPING, filteredOut } from '../../src/domain/filter.ts';
import type { Filter } from '../../src/domain/integration.ts';
import { isOpen, SEVERITIES, STATUSES, type Threat } from '../../src/domain/threat.ts';
import { threatOf } from './world.ts';

const out = (threat = threatOf(), filter = DEFAULT_FILTER) => filteredOut(threat, filter);
const element = { id: 'e', name: 'Legacy API', kind: 'process', outOfScope: true };

describe('the filter', () => {
  it('lets open threats of medium severity or more through, or of none stated', () => {
    for (const status of STATUSES)
      for (const severity of SEVERITIES) {
        const through = out(threatOf({ severity }, status)) === undefined;
        assert.equal(through, isOpen(status) && severity !== 'low', `${status} ${severity}`);
      }
  });

  it('says why a threat becomes no issue, by name and with what it takes', () => {
    assert.match(
      out(threatOf({ severity: 'low' }))?.message ?? '',
      /severity is "low".*critical, high, medium/,
    );
    assert.match(out(threatOf({}, 'accepted'))?.message ?? '', /status is "accepted".*identified, analyzing/);
    assert.match(out(threatOf({ element }))?.message ?? '', /"Legacy API" is out of scope/);
    for (const threat of [threatOf({ severity: 'low' }), threatOf({ element })])
      assert.equal(out(threat)?.code, 'filtered');
  });

  it('says it in these words', () => {
    const threat: Threat = { ...threatOf({ severity: 'low', element }, 'accepted'), presence: 'missing' };
    const any: Filter = { ...DEFAULT_FILTER, models: ['other'] };
    const told = (change: Partial<Threat>, filter = any) =>
      filteredOut({ ...threat, ...change }, filter)?.message;
    assert.equal(told({}), 'The threat is no longer in its model.');
    const presence = 'present';
    assert.equal(told({ presence }), 'Its model is not one of filter.models.');
    assert.equal(
      told({ presence }, DEFAULT_FILTER),
      'Its status is "accepted"; the filter takes identified, analyzing, mitigating.',
    );
    const status = 'identified';
    assert.equal(
      told({ presence, status }, DEFAULT_FILTER),
      'Its severity is "low"; the filter takes critical, high, medium, unspecified.',
    );
    assert.equal(
      told({ presence, status, severity: 'high' }, DEFAULT_FILTER),
      'Its element "Legacy API" is out of scope in the model.',
    );
    const { element: _, ...nowhere } = { ...threat, presence, status, severity: 'high' } as const;
    assert.equal(filteredOut(nowhere, DEFAULT_FILTER), undefined);
  });

  it('takes elements out of scope when it says so', () => {
    assert.equal(out(threatOf({ element }), { ...DEFAULT_FILTER, outOfScope: true }), undefined);
    assert.equal(out(threatOf({ element: { ...element, outOfScope: false } })), undefined);
  });

  it('binds to the models it names; naming none takes all', () => {
    assert.equal(out(threatOf(), { ...DEFAULT_FILTER, models: ['model'] }), undefined);
    assert.match(out(threatOf(), { ...DEFAULT_FILTER, models: ['other'] })?.message ?? '', /filter\.models/);
    assert.match(out(threatOf(), { ...DEFAULT_FILTER, models: [] })?.message ?? '', /filter\.models/);
  });

  it('never makes an issue of a threat that has left its model', () => {
    const missing = out({ ...threatOf(), presence: 'missing' }, { ...DEFAULT_FILTER, models: ['other'] });
    assert.equal(missing?.code, 'threat-missing');
  });
});

describe('what an integration does unless it says otherwise', () => {
  it('asks about a status and a block that both sides changed, and leaves people their title', () => {
    assert.deepEqual(DEFAULT_MAPPING.policies, { status: 'ask', title: 'issue', block: 'ask' });
    assert.equal(DEFAULT_MAPPING.missing, 'keep');
  });

  it('sets a label for each severity that is stated, and nothing that belongs to one tracker', () => {
    assert.deepEqual(DEFAULT_MAPPING.severity, {
      labels: {
        critical: 'severity-critical',
        high: 'severity-high',
        medium: 'severity-medium',
        low: 'severity-low',
      },
      priorities: {},
    });
    for (const words of Object.values(DEFAULT_MAPPING.status)) assert.deepEqual(words, {});
    assert.equal(DEFAULT_FILTER.alsoLinked, false);
  });

  it('creates fifty issues in an hour before it asks', () => {
    assert.equal(DEFAULT_LIMITS.creates, 50);
  });
});
