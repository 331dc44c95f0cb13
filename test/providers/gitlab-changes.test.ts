import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { IssueRef } from '../../src/domain/issue.ts';
import type { Cursor } from '../../src/ports/tracker.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const { signal } = new AbortController();

describe('how our GitLab tracker follows changes', () => {
  let place: GitlabPlace;
  beforeEach(async () => {
    place = await openGitlab();
  });
  afterEach(() => place.close());

  async function poll(cursor: Cursor | null): Promise<{ ids: string[]; cursor: Cursor }> {
    const ids: string[] = [];
    let last = cursor;
    for await (const page of place.tracker.changes(cursor, signal)) {
      ids.push(...page.refs.map(({ id }) => id));
      last = page.cursor;
    }
    assert.ok(last !== null);
    return { ids, cursor: last };
  }
  function open(title: string): IssueRef {
    const { id, iid } = place.simulator.world.openIssue({ project: PROJECT, title });
    return { id: String(id), key: String(iid) };
  }

  it('is two requests for a look at a project without changes', async () => {
    for (let number = 0; number < 30; number += 1) open(String(number));
    let { cursor } = await poll(null);
    ({ cursor } = await poll(cursor));
    place.simulator.clearRequests();
    await place.tracker.project(signal);
    assert.deepEqual((await poll(cursor)).ids, []);
    assert.equal(place.simulator.requests.length, 2);
  });

  it('misses no change that a replica shows after a later one', async () => {
    const known = open('Known');
    place.clock.pass(120_000);
    const { cursor } = await poll(null);
    place.simulator.knobs.listLagMs = 40_000;
    const late = open('Late');
    place.clock.pass(30_000);
    place.simulator.world.editTitle({ project: PROJECT, iid: Number(known.key) }, 'Edited');
    const first = await poll(cursor);
    assert.deepEqual(first.ids, [known.id]);
    place.simulator.knobs.listLagMs = 0;
    const second = await poll(first.cursor);
    assert.deepEqual(second.ids, [late.id]);
    assert.deepEqual((await poll(second.cursor)).ids, []);
  });

  it('misses no change that comes to light behind a later one, wherever the reader stopped', async () => {
    let { cursor } = await poll(null);
    const all = new Set<string>();
    for (let number = 0; number < 150; number += 1) all.add(open(String(number)).id);
    place.clock.pass(20_000);
    const told = new Set<string>();
    const begun = place.clock.now().getTime();
    for await (const page of place.tracker.changes(cursor, signal)) {
      for (const ref of page.refs) told.add(ref.id);
      ({ cursor } = page);
      break;
    }
    assert.ok(told.size < all.size);
    place.clock.pass(3_600_000);
    const rest = await poll(cursor);
    for (const id of rest.ids) told.add(id);
    assert.deepEqual(told, all);
    place.simulator.clearRequests();
    await poll(rest.cursor);
    const since = new URLSearchParams(place.simulator.requests[0]?.query).get('updated_after') ?? '';
    assert.ok(Date.parse(since) <= begun - 60_000, 'what was hidden when the listing began is listed again');
  });

  it('misses no change that a machine with a slow clock stamped, as long as nothing newer was seen', async () => {
    open('Old');
    let { cursor } = await poll(null);
    place.clock.pass(600_000);
    ({ cursor } = await poll(cursor));
    place.clock.pass(-300_000);
    const slow = open('Slow');
    place.clock.pass(300_000);
    assert.deepEqual((await poll(cursor)).ids, [slow.id]);
  });

  it('lists a burst of changes once more at most, and then needs one request', async () => {
    let { cursor } = await poll(null);
    for (let number = 0; number < 350; number += 1) open(String(number));
    ({ cursor } = await poll(cursor));
    place.clock.pass(120_000);
    ({ cursor } = await poll(cursor));
    place.simulator.clearRequests();
    assert.deepEqual((await poll(cursor)).ids, []);
    assert.equal(place.simulator.requests.length, 1);
  });

  it('gets on, page by page, through hundreds of issues that changed in the same moment', async () => {
    await place.close();
    const moment = new Date('2026-01-01T00:00:00Z');
    place = await openGitlab({ now: () => moment });
    let { cursor } = await poll(null);
    const left = new Set(Array.from({ length: 250 }, (_, number) => open(String(number)).id));
    for (let pages = 0; pages < 5 && left.size > 0; pages += 1) {
      for await (const page of place.tracker.changes(cursor, signal)) {
        for (const ref of page.refs) left.delete(ref.id);
        ({ cursor } = page);
        break;
      }
    }
    assert.equal(left.size, 0);
  });
});
