import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedRequest } from '../../simulators/github/index.ts';
import { githubSpec } from './github-spec.ts';

const spec = githubSpec();
const skip = spec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

const ISSUES = '/repos/acme/shop/issues';

function faultsOf(method: string, path: string, query: string, body?: unknown): string[] {
  const recorded: RecordedRequest = {
    at: '2026-03-01T10:00:00.000Z',
    method,
    path,
    query,
    status: 200,
    headers: {},
    body,
    answer: undefined,
    answerHeaders: {},
    odd: true,
  };
  const found = spec?.violations([recorded]) ?? [];
  return found.map((fault) => fault.slice(fault.indexOf(': ') + 2));
}

describe("GitHub's description as a judge of requests", { skip }, () => {
  it('lets good requests pass', () => {
    assert.deepEqual(faultsOf('GET', ISSUES, '?state=all&sort=updated&per_page=100&page=2'), []);
    assert.deepEqual(faultsOf('GET', '/repositories/7/issues', '?page=2'), []);
    assert.deepEqual(
      faultsOf('PATCH', `${ISSUES}/1`, '', { state: 'closed', state_reason: 'completed' }),
      [],
    );
    assert.deepEqual(faultsOf('PATCH', `${ISSUES}/1`, '', { body: null }), []);
    assert.deepEqual(faultsOf('POST', '/graphql', '', { query: '{ viewer { login } }' }), []);
  });

  it('finds wrong parameters, bodies, paths and queries', () => {
    assert.deepEqual(faultsOf('GET', ISSUES, '?status=all'), ['unknown query parameter status']);
    assert.match(
      faultsOf('GET', ISSUES, '?state=done').join(),
      /^query parameter state must be equal to one/,
    );
    assert.match(faultsOf('GET', ISSUES, '?since=yesterday').join(), /date-time/);
    assert.deepEqual(faultsOf('POST', ISSUES, '', { title: 'a', description: 'b' }), [
      'unknown property description in the body',
    ]);
    assert.match(faultsOf('POST', ISSUES, '', { body: 'b' }).join(), /required property 'title'/);
    assert.match(faultsOf('PATCH', `${ISSUES}/1`, '', { state: 'done' }).join(), /one of the allowed values/);
    assert.deepEqual(faultsOf('GET', `${ISSUES}/one`, ''), ['the description has no such path and method']);
    assert.deepEqual(faultsOf('DELETE', `${ISSUES}/1`, ''), ['the description has no such path and method']);
    assert.match(faultsOf('POST', '/graphql', '', { query: '{ viewer { shoeSize } }' }).join(), /shoeSize/);
  });
});
