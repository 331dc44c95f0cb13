import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_FILTER, DEFAULT_LIMITS, DEFAULT_MAPPING, filteredOut } from '../../src/domain/filter.ts';
import { isOpen, SEVERITIES, STATUSES } from '../../src/domain/threat.ts';
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

  it('creates fifty issues in an hour before it asks', () => {
    assert.equal(DEFAULT_LIMITS.creates, 50);
  });
});
