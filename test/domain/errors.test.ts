import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { AppError, messageOf, TrackerError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';

const VALUE = 'ghp_very-secret';
const secret = new Secret(VALUE);

describe('a secret', () => {
  it('is shown by nothing that prints, and told only when asked', () => {
    const printed = [
      String(secret),
      secret.toString(),
      JSON.stringify({ token: secret }),
      inspect(secret),
      inspect({ deep: { er: [secret] } }, { depth: 9, showHidden: true }),
      Object.keys(secret).join(),
      JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
      JSON.stringify(Object.entries(secret)),
    ];
    for (const text of printed) assert.ok(!text.includes(VALUE), text);
    assert.equal(JSON.stringify({ token: secret }), '{"token":"[secret]"}');
    assert.equal(secret.reveal(), VALUE);
  });

  it('is lost, not shown, when it is copied', () => {
    assert.ok(!inspect(structuredClone({ secret })).includes(VALUE));
  });
});

describe('an error of ours', () => {
  it('keeps its code, its cause and the places that are wrong', () => {
    const cause = new Error('below');
    const faults = [{ pointer: '/name', detail: 'is missing' }];
    const error = new AppError('invalid-request', 'The name is missing.', { cause, faults });
    assert.deepEqual([error.code, error.cause, error.faults], ['invalid-request', cause, faults]);
    assert.deepEqual(new AppError('internal', 'm').faults, []);
    assert.ok(error instanceof Error && error.name === 'AppError');
  });

  it('says of a tracker whether the write may have arrived, and when to try again', () => {
    const options = { arrived: 'maybe', resumeAt: '2026-01-01T00:00:00.000Z', status: 502 } as const;
    const error = new TrackerError('tracker-unreachable', 'No answer.', options);
    assert.deepEqual([error.arrived, error.resumeAt, error.status], ['maybe', options.resumeAt, 502]);
    assert.ok(error instanceof AppError && error.name === 'TrackerError');
    const bare = new TrackerError('tracker-refused', 'No.', { arrived: 'no' });
    assert.ok(!('resumeAt' in bare) || bare.resumeAt === undefined);
    assert.equal(bare.itemOnly, false);
    const one = new TrackerError('tracker-refused', 'No.', { arrived: 'no', itemOnly: true });
    assert.equal(one.itemOnly, true);
  });

  it('has a message, whatever was thrown', () => {
    assert.equal(messageOf(new AppError('internal', 'What happened')), 'What happened');
    assert.equal(messageOf('only text'), 'only text');
    assert.equal(messageOf(undefined), 'undefined');
  });
});
