import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jiraPace } from '../../src/providers/jira/pace.ts';

const NOW = new Date('2026-03-01T10:00:00.000Z');

function resumeAt(headers: Record<string, string>): string | undefined {
  return jiraPace(429, new Headers(headers), '', NOW)?.resumeAt;
}

describe('the pace of Jira', () => {
  it('takes Retry-After for seconds, whatever year the number looks like', () => {
    for (let seconds = 1; seconds <= 90; seconds += 1) {
      const expected = new Date(NOW.getTime() + seconds * 1000).toISOString();
      assert.equal(resumeAt({ 'retry-after': String(seconds) }), expected);
    }
  });

  it('takes a date, or the reset, or half a minute', () => {
    assert.equal(resumeAt({ 'retry-after': 'Sun, 01 Mar 2026 10:01:00 GMT' }), '2026-03-01T10:01:00.000Z');
    assert.equal(resumeAt({ 'x-ratelimit-reset': '2026-03-01T10:02Z' }), '2026-03-01T10:02:00.000Z');
    assert.equal(resumeAt({}), '2026-03-01T10:00:30.000Z');
  });

  it('leaves only the issue alone whose writes are limited', () => {
    const headers = new Headers({ 'retry-after': '20', 'ratelimit-reason': 'jira-per-issue-on-write' });
    assert.deepEqual(jiraPace(429, headers, '', NOW), { itemResumeAt: '2026-03-01T10:00:20.000Z' });
  });
});
