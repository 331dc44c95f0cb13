import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadCauses } from '../../src/domain/dead-letters.ts';
import type { Link } from '../../src/domain/link.ts';
import { BOUND } from './situations.ts';

function aside(id: string, day: number, code?: string): Link {
  const stateSince = `2026-11-0${day}T00:00:00.000Z`;
  const lastError = code === undefined ? {} : { lastError: { code, message: 'No.', at: stateSince } };
  return { ...BOUND, id, state: 'quarantined', stateSince, stateReason: `Reason ${id}.`, ...lastError };
}

describe('dead letters', () => {
  it('are grouped by cause, the most frequent first, each with its newest reason', () => {
    const links = [
      aside('a', 1, 'tracker-forbidden'),
      aside('c', 3, 'tracker-refused'),
      aside('b', 2, 'tracker-refused'),
    ];
    const causes = deadCauses(links, 10);
    assert.deepEqual(
      causes.map(({ code, count, message }) => [code, count, message]),
      [
        ['tracker-refused', 2, 'Reason c.'],
        ['tracker-forbidden', 1, 'Reason a.'],
      ],
    );
    assert.deepEqual(
      causes[0]?.items.map(({ linkId }) => linkId),
      ['b', 'c'],
    );
  });

  it('show so many of each cause as are asked for, and count all', () => {
    const [cause] = deadCauses([aside('b', 2, 'x'), aside('a', 1, 'x')], 1);
    assert.deepEqual([cause?.count, cause?.items.map(({ linkId }) => linkId)], [2, ['a']]);
  });

  it('tell what is known of each: its issue if it was made, and the reason or the last error', () => {
    const { stateReason: _, ...wordless } = aside('a', 1, 'x');
    const [cause] = deadCauses([wordless], 9);
    assert.deepEqual(cause?.items[0], {
      linkId: 'a',
      role: 'threat',
      threatId: 't',
      issue: BOUND.issue,
      since: '2026-11-01T00:00:00.000Z',
      failures: 0,
      reason: 'No.',
    });
    assert.equal(cause.message, 'No.');
    const { lastError: _error, issue: _issue, ...bare } = wordless;
    const [other] = deadCauses([bare], 9);
    assert.equal(other?.message, 'It was set aside.');
    assert.ok(!('issue' in (other.items[0] ?? {})));
  });

  it('of equally many come in the order of their codes, and of the same moment as they are', () => {
    const links = ['b', 'c', 'a'].flatMap((code) => [aside(`${code}2`, 1, code), aside(`${code}1`, 1, code)]);
    const causes = deadCauses(links, 9);
    assert.deepEqual(
      causes.map(({ code, items }) => [code, ...items.map(({ linkId }) => linkId)]),
      [
        ['a', 'a2', 'a1'],
        ['b', 'b2', 'b1'],
        ['c', 'c2', 'c1'],
      ],
    );
  });

  it('say what to do, cause by cause', () => {
    const causes = deadCauses(
      [aside('a', 1, 'block-damaged'), aside('b', 1, 'mark-doubled'), aside('c', 1)],
      9,
    );
    const todo = new Map(causes.map((cause) => [cause.code, cause.todo]));
    assert.match(todo.get('block-damaged') ?? '', /sync's part/);
    assert.match(todo.get('mark-doubled') ?? '', /all but one/);
    assert.match(todo.get('set-aside') ?? '', /discard/);
    assert.deepEqual(deadCauses([], 9), []);
  });
});
