import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MARK, COMMENT_MARK, HOUR_MS } from './stage.ts';
import type { Stage } from './stage.ts';

/** What `changes`, `findMarked` and `findComments` promise. */
export function promisesOfFollowing(stage: Stage): void {
  const { create, changed, start, signal } = stage;

  it('finds a created issue by its mark, also when the answer was lost', async () => {
    const since = new Date(stage.world.now().getTime() - HOUR_MS).toISOString();
    stage.world.faults.write('lost-after');
    const block = { mark: MARK, text: 'x' };
    const [lost] = await stage.world.tracker.write(
      [{ kind: 'create', title: 'Lost', block, labels: [] }],
      signal,
    );
    assert.equal(lost?.kind, 'unknown');
    const found = await stage.world.tracker.findMarked(since, signal);
    assert.deepEqual(
      found.get(MARK)?.map((issue) => issue.title),
      ['Lost'],
    );
  });

  it('does not take the mark in a foreign issue for its own', async () => {
    const since = new Date(stage.world.now().getTime() - HOUR_MS).toISOString();
    await stage.world.people.open({ title: 'Copied', body: `<!-- ${MARK} -->\nx\n<!-- tmi:end -->` });
    assert.equal((await stage.world.tracker.findMarked(since, signal)).size, 0);
  });

  it('comments, and finds its own comment by its mark', async () => {
    const { ref } = await create();
    const since = new Date(stage.world.now().getTime() - HOUR_MS).toISOString();
    await stage.world.people.comment(ref, `quoted <!-- ${COMMENT_MARK} -->`);
    assert.equal((await stage.world.tracker.findComments(ref, since, signal)).size, 0);
    const [outcome] = await stage.world.tracker.write(
      [{ kind: 'comment', ref, mark: COMMENT_MARK, text: 'Which is it?' }],
      signal,
    );
    assert.equal(outcome?.kind, 'written');
    const found = await stage.world.tracker.findComments(ref, since, signal);
    assert.deepEqual([...found.keys()], [COMMENT_MARK]);
  });

  it('tells of every change once it settled, and of nothing old', async () => {
    const old = await create('Old');
    stage.world.pass(60_000);
    const cursor = await start();
    stage.world.pass(60_000);
    const { ref } = await create('New');
    await stage.world.people.comment(old.ref, 'again');
    const first = await changed(cursor);
    assert.deepEqual(new Set(first.ids), new Set([ref.id, old.ref.id]));
    stage.world.pass(60_000);
    const second = await changed(first.cursor);
    stage.world.pass(60_000);
    const third = await changed(second.cursor);
    assert.deepEqual(third.ids, []);
    await stage.world.people.close(ref, 'done');
    assert.deepEqual((await changed(third.cursor)).ids, [ref.id]);
  });

  it('misses no change of a second that was still running', async () => {
    const cursor = await start();
    const { ref } = await create();
    const first = await changed(cursor);
    // Trackers show thousandths at best: what happens within one cannot be told apart.
    stage.world.pass(1);
    await stage.world.people.editTitle(ref, 'In the same second');
    assert.deepEqual((await changed(first.cursor)).ids, [ref.id]);
  });

  it('tells of changes page by page, with a place to stop after each', async () => {
    const cursor = await start();
    const opened: string[] = [];
    for (let number = 0; number < 230; number += 1) {
      opened.push((await stage.world.people.open({ title: `Issue ${number}` })).id);
      if (number % 3 === 0) stage.world.pass(1000);
    }
    const { ids } = await changed(cursor);
    assert.deepEqual(new Set(ids), new Set(opened));
    const resumed = new Set<string>();
    let at = cursor;
    for (let pages = 0; pages < 20 && resumed.size < opened.length; pages += 1) {
      for await (const page of stage.world.tracker.changes(at, signal)) {
        for (const ref of page.refs) resumed.add(ref.id);
        at = page.cursor;
        break;
      }
    }
    assert.deepEqual(resumed, new Set(opened));
  });

  it('hears the next time of what a list left out that was empty and should not have been', async () => {
    const cursor = await start();
    const { ref } = await create();
    stage.world.faults.reads('emptied');
    const first = await changed(cursor);
    assert.deepEqual(first.ids, []);
    assert.deepEqual((await changed(first.cursor)).ids, [ref.id]);
  });

  it('takes an odd answer for what it is, never for an empty list', async () => {
    const cursor = await start();
    const { ref } = await create();
    const since = new Date(stage.world.now().getTime() - HOUR_MS).toISOString();
    for (const kind of ['web-page', 'wrong-schema', 'nothing'] as const) {
      const asks = [
        () => changed(cursor),
        () => stage.world.tracker.findMarked(since, signal),
        () => stage.world.tracker.read([ref], signal),
        () => stage.world.tracker.project(signal),
      ];
      for (const ask of asks) {
        stage.world.faults.reads(kind);
        await assert.rejects(ask(), { code: 'tracker-nonsense' }, kind);
      }
    }
  });
}
