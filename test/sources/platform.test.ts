import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrackerRequest, TrackerResponse } from '../../src/ports/tracker.ts';
import { platformClient } from '../../src/sources/platform-client.ts';
import { parsePlatformModel } from '../../src/sources/platform.ts';
import { codeIs } from '../store/fixtures.ts';

const MODEL = {
  name: 'Payments',
  threats: [
    {
      key: 'T-1',
      title: 'Replay\u0000',
      description: 'Sent\r\nagain',
      status: 'accepted',
      severity: 'high',
      category: { taxonomy: 'STRIDE', values: ['Tampering'] },
      mitigations: [{ key: 'M-1', title: 'Use a key', status: 'done', shared: true }],
      references: ['CWE-294'],
      tags: [],
    },
  ],
};

/** A platform that gives these answers, one after the other, and remembers what it was asked. */
function platform(...answers: { status: number; json?: unknown }[]) {
  const asked: TrackerRequest[] = [];
  const client = platformClient(async (request): Promise<TrackerResponse> => {
    asked.push(request);
    const answer = answers[asked.length - 1] ?? assert.fail(`asked again: ${request.path}`);
    return { status: answer.status, headers: new Headers(), json: answer.json, text: '' };
  });
  return { client, asked };
}
const signal = new AbortController().signal;

describe('a model in canonical words', () => {
  it('becomes threats, without characters that no store keeps', () => {
    const parsed = parsePlatformModel(MODEL);
    assert.deepEqual([parsed.format, parsed.name], ['platform', 'Payments']);
    const [threat] = parsed.threats;
    assert.deepEqual([threat?.title, threat?.description], ['Replay', 'Sent\nagain']);
    assert.deepEqual(threat?.raw, { status: 'accepted', severity: 'high' });
    assert.ok(threat && !('element' in threat));
  });

  const wrong: [what: string, threat: object, place: string][] = [
    ['an unknown status', { status: 'parked' }, '/threats/0/status'],
    ['a derived field', { contentHash: 'x' }, '/threats/0'],
    ['an empty key', { key: '' }, '/threats/0/key'],
  ];
  for (const [what, change, place] of wrong)
    it(`is refused for ${what}, with the place`, () => {
      const content = { ...MODEL, threats: MODEL.threats.map((each) => ({ ...each, ...change })) };
      assert.throws(
        () => parsePlatformModel(content),
        (error: unknown) => {
          assert.ok(codeIs('model-unreadable')(error));
          assert.ok(String(error).includes(`${place}: `));
          return true;
        },
      );
    });

  it('is refused when two threats have one key', () => {
    const content = { ...MODEL, threats: [...MODEL.threats, ...MODEL.threats] };
    assert.throws(() => parsePlatformModel(content), codeIs('model-unreadable'));
  });
});

describe('the platform', () => {
  it('gives a model by its id', async () => {
    const { client, asked } = platform({ status: 200, json: MODEL });
    assert.equal((await client.model('a/b', signal))?.threats.length, 1);
    assert.equal(asked[0]?.path, '/threat-models/a%2Fb');
  });

  it('has no model only where it says 404 or 410', async () => {
    const { client } = platform({ status: 404 }, { status: 410 });
    assert.equal(await client.model('x', signal), undefined);
    assert.equal(await client.model('x', signal), undefined);
  });

  for (const answer of [{ status: 500 }, { status: 401 }, { status: 204 }, { status: 200 }])
    it(`is not understood when it answers ${answer.status} without a model`, async () => {
      await assert.rejects(platform(answer).client.model('x', signal), codeIs('unavailable'));
    });

  it('lists the changed models over all pages', async () => {
    const since = '2026-01-01T00:00:00.000Z';
    const { client, asked } = platform(
      { status: 200, json: { items: [{ id: 'a', name: 'A' }], nextCursor: 'more' } },
      { status: 200, json: { items: [{ id: 'b' }] } },
    );
    assert.deepEqual(await client.updatedSince(since, signal), ['a', 'b']);
    assert.deepEqual(
      asked.map((each) => each.query),
      [
        { updatedSince: since, cursor: undefined },
        { updatedSince: since, cursor: 'more' },
      ],
    );
  });

  it('never takes a wrong list for an empty one', async () => {
    for (const json of [{}, [], { items: [{}] }, { items: null }])
      await assert.rejects(
        platform({ status: 200, json }).client.updatedSince(undefined, signal),
        codeIs('unavailable'),
      );
  });
});
