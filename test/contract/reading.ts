import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isOurComment } from '../../src/domain/mark.ts';
import { COMMENT_MARK } from './stage.ts';
import type { Stage } from './stage.ts';

/** What `read` and `find` promise. */
export function promisesOfReading(stage: Stage): void {
  const { create, read, signal } = stage;

  it('reads an issue as the write answered it, at the same version', async () => {
    const issue = await create();
    const { comments, ...again } = await read(issue.ref);
    assert.deepEqual(comments, []);
    assert.deepEqual(again, issue);
  });

  it('reads as it stands in an equal version, and in another one after every change', async () => {
    const { ref } = await create();
    const versions = [(await read(ref)).version, (await read(ref, stage.world.another())).version];
    assert.equal(versions[0], versions[1]);
    const acts = [
      () => stage.world.people.editTitle(ref, 'Other'),
      () => stage.world.people.addLabel(ref, 'mine'),
      () => stage.world.people.close(ref, 'done'),
      () => stage.world.people.comment(ref, 'words'),
      () => stage.world.people.editText(ref, (body) => `${body}\n\nmore`),
    ];
    for (const act of acts) {
      stage.world.pass(1000);
      await act();
      versions.push((await read(ref)).version);
    }
    assert.equal(new Set(versions).size, acts.length + 1);
  });

  it('gives an outcome for every ref, whatever became of it', async () => {
    const refs = await Promise.all(
      ['kept', 'deleted', 'moved'].map((title) => stage.world.people.open({ title })),
    );
    const [kept, deleted, moved] = refs;
    assert.ok(kept && deleted && moved);
    await stage.world.people.remove(deleted);
    await stage.world.people.move(moved);
    const unheardOf = { id: `${kept.id}x`, key: '999999' };
    const outcomes = await stage.world.tracker.read([...refs, unheardOf], signal);
    assert.equal(outcomes.size, 4);
    assert.equal(outcomes.get(kept.id)?.kind, 'found');
    const absent = stage.world.provesDeletion === false ? 'hidden' : 'gone';
    assert.equal(outcomes.get(deleted.id)?.kind, absent);
    const away = outcomes.get(moved.id);
    assert.ok(away?.kind === 'moved' && !away.sameProject);
    assert.equal(outcomes.get(unheardOf.id)?.kind, 'hidden');
  });

  it('reads many issues with few requests', async () => {
    const refs = [];
    for (let number = 0; number < 30; number += 1)
      refs.push(await stage.world.people.open({ title: `${number}` }));
    const before = stage.world.calls();
    const outcomes = await stage.world.tracker.read(refs, signal);
    assert.ok([...outcomes.values()].every((outcome) => outcome.kind === 'found'));
    const perRequest =
      stage.world.readsSingly === true ? 1 : stage.world.connection.capabilities.readsPerRequest;
    assert.ok(stage.world.calls() - before <= Math.ceil(30 / perRequest) + 1);
  });

  it('never says that an issue is gone when only the access is', async () => {
    const { ref } = await create();
    await stage.world.people.lockOut();
    const kind = stage.world.tracker.read([ref], signal).then((outcomes) => outcomes.get(ref.id)?.kind);
    assert.equal(await kind.catch(() => 'hidden'), 'hidden');
  });

  it('carries comments, oldest first', async () => {
    const { ref } = await create();
    await stage.world.people.comment(ref, 'first');
    await stage.world.people.comment(ref, 'second');
    assert.deepEqual(
      (await read(ref)).comments?.map((comment) => comment.text),
      ['first', 'second'],
    );
  });

  it('tells comments of ours from those of people', async () => {
    const { ref } = await create();
    await stage.world.people.comment(ref, 'first');
    const text = stage.world.connection.format.comment([{ kind: 'quote', text: 'Which is it?' }]);
    const [outcome] = await stage.world.tracker.write(
      [{ kind: 'comment', ref, mark: COMMENT_MARK, text }],
      signal,
    );
    assert.equal(outcome?.kind, 'written');
    await stage.world.people.comment(ref, 'second');
    const comments = (await read(ref, stage.world.another())).comments ?? [];
    assert.equal(comments.length, 3);
    assert.deepEqual(
      comments.filter((comment) => !isOurComment(comment.text)).map((comment) => comment.text),
      ['first', 'second'],
    );
  });

  it('looks an issue up by its number and its address', async () => {
    const issue = await create();
    for (const key of [issue.ref.key, issue.url])
      assert.deepEqual((await stage.world.tracker.find(key, signal))?.ref, issue.ref);
    assert.equal(await stage.world.tracker.find('999999', signal), undefined);
    assert.equal(await stage.world.tracker.find('no such thing', signal), undefined);
  });
}
