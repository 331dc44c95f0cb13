import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import type { Issue, StatusCategory } from '../../src/domain/issue.ts';
import { heldByResolution, statusWordOf } from '../../src/domain/status-words.ts';
import { trackerStatus } from './world.ts';

const mapping = (status: Partial<Mapping['status']>): Mapping => ({
  ...DEFAULT_MAPPING,
  status: { ...DEFAULT_MAPPING.status, ...status },
});
const issue = (
  category: StatusCategory,
  resolution?: string,
  labels: readonly string[] = [],
): Pick<Issue, 'status' | 'labels'> => ({
  labels,
  status: { ...trackerStatus(category), ...(resolution === undefined ? {} : { resolution }) },
});
const RISK = mapping({ byResolution: { 'Risk accepted': 'accepted', Duplicate: 'false-positive' } });

describe('a closed issue', () => {
  it('says by its resolution what the mapping makes of it, whatever its case', () => {
    for (const category of ['done', 'dropped'] as const) {
      assert.equal(statusWordOf(issue(category, 'risk ACCEPTED'), RISK), 'accepted');
      assert.equal(statusWordOf(issue(category, 'Duplicate'), RISK), 'false-positive');
    }
    assert.equal(statusWordOf(issue('done', 'Done'), RISK), 'mitigated');
    assert.equal(statusWordOf(issue('dropped', "Won't Do"), RISK), 'dropped');
    assert.equal(statusWordOf(issue('done', 'Risk accepted'), DEFAULT_MAPPING), 'mitigated');
  });

  it('says it while it is closed, and a label of ours says more', () => {
    assert.equal(statusWordOf(issue('open', 'Risk accepted'), RISK), 'open');
    assert.equal(statusWordOf(issue('active', 'Risk accepted'), RISK), 'mitigating');
    assert.equal(statusWordOf(issue('done', 'Risk accepted', ['tm-avoided']), RISK), 'avoided');
    const byId = mapping({ byId: { 'closed/completed': 'mitigated' }, byResolution: { Waived: 'accepted' } });
    assert.equal(
      statusWordOf(issue('done', 'Waived'), byId),
      'accepted',
      'the reason says more than the status',
    );
  });

  it('says by a label of people what the mapping makes of it, where that is a disposition', () => {
    const byLabel = mapping({ byLabel: { wontfix: 'accepted', doing: 'mitigating', fixed: 'mitigated' } });
    assert.equal(statusWordOf(issue('done', undefined, ['WontFix']), byLabel), 'accepted');
    assert.equal(statusWordOf(issue('dropped', undefined, ['wontfix']), byLabel), 'accepted');
    assert.equal(statusWordOf(issue('done', undefined, ['doing']), byLabel), 'mitigated');
    assert.equal(statusWordOf(issue('dropped', undefined, ['fixed']), byLabel), 'dropped');
    assert.equal(statusWordOf(issue('done', undefined, ['fixed', 'tm-verified']), byLabel), 'verified');
  });
});

describe('a resolution that a write could not change', () => {
  const closed = issue('done', 'Risk accepted');

  it('is what holds the status', () => {
    assert.match(
      heldByResolution('mitigated', closed, closed, RISK) ?? '',
      /keeps "Risk accepted".*reads as "accepted"/,
    );
  });

  it('is not what holds it where the issue says what was wanted, or somebody was there', () => {
    assert.equal(heldByResolution('accepted', closed, closed, RISK), undefined);
    assert.equal(heldByResolution('mitigated', closed, issue('done', 'Done'), RISK), undefined);
    assert.equal(heldByResolution('mitigated', issue('done', 'Done'), closed, RISK), undefined);
    assert.equal(heldByResolution('mitigated', issue('open', 'Risk accepted'), closed, RISK), undefined);
    assert.equal(
      heldByResolution('avoided', closed, issue('done', 'Risk accepted', ['tm-avoided']), RISK),
      undefined,
    );
    assert.equal(heldByResolution('open', closed, issue('open', 'Risk accepted'), RISK), undefined);
  });
});
