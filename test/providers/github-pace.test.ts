import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { githubPace } from '../../src/providers/github/pace.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const RESET = String(Date.parse('2026-01-01T00:30:00Z') / 1000);

function pace(status: number, headers: Record<string, string>, text = '') {
  return githubPace(status, new Headers(headers), text, NOW);
}

describe('the pace of GitHub', () => {
  it('is what the headers say', () => {
    const headers = {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4987',
      'x-ratelimit-reset': RESET,
    };
    assert.deepEqual(pace(200, headers), {
      limit: 5000,
      remaining: 4987,
      resetsAt: '2026-01-01T00:30:00.000Z',
    });
  });

  it('is unknown where the server names none, or another budget', () => {
    assert.equal(pace(200, {}), undefined);
    assert.equal(pace(200, { 'x-ratelimit-remaining': '-1' }), undefined);
    assert.equal(pace(200, { 'x-ratelimit-remaining': '12', 'x-ratelimit-resource': 'graphql' }), undefined);
  });

  it('waits as long as it is told', () => {
    const wait = (headers: Record<string, string>, text = '') => pace(403, headers, text)?.resumeAt;
    assert.equal(wait({ 'retry-after': '30' }), '2026-01-01T00:00:30.000Z');
    assert.equal(
      wait({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET }),
      '2026-01-01T00:30:00.000Z',
    );
    const words = '{"message":"You have exceeded a secondary rate limit."}';
    assert.equal(wait({}, words), '2026-01-01T00:01:00.000Z');
    assert.equal(pace(429, {})?.resumeAt, '2026-01-01T00:01:00.000Z');
    assert.equal(
      pace(200, {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': RESET,
        'x-ratelimit-resource': 'graphql',
      })?.resumeAt,
      '2026-01-01T00:30:00.000Z',
    );
  });

  it('does not take a missing permission for a limit', () => {
    const forbidden = '{"message":"Resource not accessible by personal access token"}';
    assert.equal(pace(403, { 'x-ratelimit-remaining': '4000' }, forbidden)?.resumeAt, undefined);
  });

  it('is not told by the words of an issue', () => {
    assert.equal(pace(200, {}, '{"body":"secondary rate limit"}'), undefined);
  });
});
