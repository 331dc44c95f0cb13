import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { Redelivery } from '../../src/ports/hooks.ts';
import { redeliver } from '../../src/providers/github/redelivery.ts';
import { startHookReceiver } from '../simulators/hook-receiver.ts';
import type { HookReceiver } from '../simulators/hook-receiver.ts';
import { openGithub, PLACE } from './github-world.ts';
import type { GithubPlace } from './github-world.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;

describe('deliveries that GitHub could not bring', () => {
  let place: GithubPlace;
  let receiver: HookReceiver;
  let hookId: string;
  beforeEach(async () => {
    receiver = await startHookReceiver();
    place = await openGithub();
    const { hooks } = place.tracker;
    assert.ok(hooks);
    ({ hookId } = await hooks.ensure(receiver.url, new Secret('s'.repeat(64)), signal));
    await place.simulator.settled();
  });
  afterEach(async () => {
    await place.close();
    await receiver.close();
  });

  /** Looks once nothing is under way any more. */
  async function look(since?: string): Promise<Redelivery> {
    place.clock.pass(2 * MINUTE_MS);
    place.simulator.clearRequests();
    const found = await place.tracker.hooks?.redeliver?.(hookId, since, signal);
    await place.simulator.settled();
    return found ?? assert.fail('GitHub sends again');
  }
  async function happens(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1)
      place.simulator.world.openIssue({ ...PLACE, title: String(number) });
    await place.simulator.settled();
  }
  const sent = (): string[] =>
    place.simulator.requests.map(({ method, path, query }) => `${method} ${path}${query}`);
  const deliveries = () => place.simulator.world.hooks(PLACE.owner, PLACE.repo)[0]?.deliveries ?? [];

  it('are sent once more, under their ids, and then no more', async () => {
    receiver.status = 503;
    await happens(2);
    receiver.status = 204;
    const failed = deliveries().filter(({ statusCode }) => statusCode === 503);
    const first = await look();
    assert.deepEqual([first.missed, first.redelivered], [2, 2]);
    const again = deliveries().filter(({ redelivery }) => redelivery);
    assert.deepEqual(
      again.map(({ guid, statusCode }) => [guid, statusCode]),
      failed.map(({ guid }) => [guid, 204]),
    );
    const second = await look(first.until);
    assert.deepEqual([second.missed, second.redelivered], [0, 0]);
    assert.equal(sent().length, 1);
    assert.match(sent()[0] ?? '', /^GET .*\/deliveries\?status=failure&per_page=100$/);
  });

  it('are left alone after three failures', async () => {
    receiver.status = 500;
    await happens(1);
    let since: string | undefined;
    const asked: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const found = await look(since);
      asked.push(found.redelivered);
      since = found.until;
    }
    assert.deepEqual(asked, [1, 1, 0, 0]);
    assert.equal(deliveries().filter(({ statusCode }) => statusCode === 500).length, 3);
  });

  it('are not asked for while GitHub may still wait for our answer', async () => {
    receiver.status = 500;
    await happens(1);
    const found = await place.tracker.hooks?.redeliver?.(hookId, undefined, signal);
    assert.deepEqual([found?.missed, found?.redelivered], [0, 0]);
    const later = await look(found?.until);
    assert.deepEqual([later.missed, later.redelivered], [1, 1]);
  });

  it('are fifty at most in one look', async () => {
    receiver.status = 500;
    await happens(60);
    receiver.status = 204;
    const found = await look();
    assert.deepEqual([found.missed, found.redelivered], [60, 50]);
  });

  it('keep their ids, however long', async () => {
    const id = '9007199254740993';
    const shown = { guid: 'g', status_code: 502, redelivery: false, event: 'issues', action: 'opened' };
    const text = JSON.stringify([{ id: 0, delivered_at: '2026-01-01T00:00:00Z', ...shown }]);
    const paths: string[] = [];
    const found = await redeliver(
      {
        path: '/repos/a/b',
        clock: place.clock,
        send: async ({ method, path }) => {
          paths.push(path);
          const body = text.replace('"id":0', `"id":${id}`);
          return method === 'GET'
            ? { status: 200, headers: new Headers(), json: JSON.parse(body), text: body }
            : { status: 202, headers: new Headers(), json: {}, text: '{}' };
        },
      },
      '1',
      undefined,
      signal,
    );
    assert.equal(found.redelivered, 1);
    assert.equal(paths[1], `/repos/a/b/hooks/1/deliveries/${id}/attempts`);
  });

  it('say that the hook is gone, or that the token may only look', async () => {
    receiver.status = 503;
    await happens(1);
    const { world } = place.simulator;
    place.simulator.knobs.next({
      match: ({ path }) => path.endsWith('/attempts'),
      answer: { status: 403, body: { message: 'Resource not accessible by personal access token' } },
    });
    await assert.rejects(look(), { code: 'tracker-forbidden', message: /write access to webhooks/ });
    await place.tracker.hooks?.remove(hookId, signal);
    assert.equal(world.hooks(PLACE.owner, PLACE.repo).length, 0);
    await assert.rejects(look(), { code: 'tracker-not-found' });
  });
});
