import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, TrackerError } from '../../src/domain/errors.ts';
import type { TrackerRequest } from '../../src/ports/tracker.ts';
import { targetOf } from '../../src/transport/target.ts';

const ROOT = 'https://tracker.example/api/v3';
const get = (given: Partial<TrackerRequest>, root = ROOT): string =>
  targetOf(new URL(root), { method: 'GET', path: '/', ...given }).href;

describe('where a request goes', () => {
  it('is below the root of the API, with or without a slash at its end', () => {
    assert.equal(get({ path: '/issues/7' }), `${ROOT}/issues/7`);
    assert.equal(get({ path: '/issues/7' }, `${ROOT}/`), `${ROOT}/issues/7`);
    assert.equal(get({ path: '/issues' }, 'https://tracker.example'), 'https://tracker.example/issues');
    assert.equal(get({ path: '/a%2Fb%20c' }), `${ROOT}/a%2Fb%20c`);
    assert.equal(get({ path: '/' }), `${ROOT}/`);
  });

  it('says what is asked for, leaving out what is not', () => {
    const query = { page: 2, all: true, 'labels[]': 'a b', since: undefined };
    assert.equal(get({ path: '/issues', query }), `${ROOT}/issues?page=2&all=true&labels%5B%5D=a+b`);
    assert.equal(get({ path: '/issues', query: {} }), `${ROOT}/issues`);
  });

  it('is refused where a part of the path would mean another one', () => {
    for (const path of [
      'issues',
      '',
      '//evil.example/x',
      '/a//b',
      '/../admin',
      '/a/../../b',
      '/a/./b',
      '/%2e%2e/b',
      '/a\\b',
      '/a?b=c',
      '/a#b',
      '/a b',
      '/ä',
      '/a\tb',
    ])
      assert.throws(
        () => get({ path }),
        (error: unknown) => {
          assert.ok(error instanceof AppError, path);
          assert.equal(error.code, 'invalid-request');
          assert.match(error.message, /^The path ".*" would lead elsewhere: a part of it is not encoded\.$/);
          return true;
        },
        path,
      );
  });

  it('quotes no more than 200 characters of such a path', () => {
    const path = `/${'ä'.repeat(500)}`;
    assert.throws(() => get({ path }), { message: new RegExp(`"/ä{199}" would`) });
  });
});

describe('a page that the tracker names itself', () => {
  it('is opened on its own origin, wherever there', () => {
    for (const url of [`${ROOT}/issues?page=2`, 'https://tracker.example/elsewhere#x'])
      assert.equal(get({ url, path: '//ignored' }), url);
  });

  it('is not opened anywhere else, and nothing has been sent', () => {
    for (const url of [
      'https://evil.example/api/v3/issues',
      'http://tracker.example/api/v3/issues',
      'https://tracker.example:8443/api/v3/issues',
      'https://tracker.example.evil.example/',
      'https://user@tracker.example/api/v3/issues',
      'https://:secret@tracker.example/api/v3/issues',
      '/api/v3/issues?page=2',
      'no url',
      '',
    ])
      assert.throws(
        () => get({ url }),
        (error: unknown) => {
          assert.ok(error instanceof TrackerError, url);
          assert.equal(error.code, 'tracker-nonsense');
          assert.equal(error.arrived, 'no');
          assert.equal(
            error.message,
            'The tracker named a page that is not at tracker.example; it was not opened.',
          );
          return true;
        },
        url,
      );
  });
});
