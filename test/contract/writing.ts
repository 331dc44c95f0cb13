import assert from 'node:assert/strict';
import { it } from 'node:test';
import { aroundBlock, issueIn, MARK } from './stage.ts';
import type { Stage } from './stage.ts';

/** What `write` promises. */
export function promisesOfWriting(stage: Stage): void {
  const { create, update, read, text, signal } = stage;

  it('answers a create with the issue as the tracker shows it', async () => {
    const issue = await create();
    assert.equal(issue.title, 'Threat: a queue is read');
    assert.deepEqual(issue.block, { kind: 'present', mark: MARK, text: text('somebody reads the queue') });
    assert.equal(issue.status.category, 'open');
    assert.ok(issue.labels.includes('threat-model'));
    assert.ok(URL.canParse(issue.url));
  });

  it('changes only what is named', async () => {
    const issue = await create();
    await stage.world.people.addLabel(issue.ref, 'theirs');
    const seen = await read(issue.ref);
    const after = issueIn(
      await update(seen, { title: 'New', addLabels: ['severity-high'], removeLabels: ['threat-model'] }),
    );
    assert.equal(after.title, 'New');
    assert.equal(after.body, seen.body);
    assert.deepEqual(after.labels.toSorted(), ['severity-high', 'theirs']);
    const { comments: _, ...now } = await read(issue.ref);
    assert.deepEqual(now, after);
  });

  it('keeps what people wrote around the block byte for byte', async () => {
    const { ref } = await create();
    await stage.world.people.editText(ref, (body) => `Above  \n\n${body}\n\nBelow | *x* @me\n`);
    const seen = await read(ref);
    const after = issueIn(await update(seen, { block: { mark: MARK, text: text('new words') } }));
    assert.deepEqual(after.block, { kind: 'present', mark: MARK, text: text('new words') });
    const [above, below] = aroundBlock(stage.world, seen.body);
    assert.deepEqual(aroundBlock(stage.world, after.body), [above, below]);
    assert.ok(above.includes('Above') && below.includes('Below'));
  });

  it('adds its block below what people wrote in an issue that they filed', async () => {
    const ref = await stage.world.people.open({ title: 'Filed by hand', body: 'Words of a person' });
    const seen = await read(ref);
    assert.deepEqual(seen.block, { kind: 'absent' });
    const after = issueIn(await update(seen, { block: { mark: MARK, text: text('ours') } }));
    assert.deepEqual(after.block, { kind: 'present', mark: MARK, text: text('ours') });
    const [above, below] = aroundBlock(stage.world, after.body);
    assert.ok(above.includes('Words of a person'));
    assert.ok(!/\w/.test(below));
  });

  it('does not touch a damaged block', async () => {
    const { ref } = await create();
    await stage.world.people.editText(ref, (body) => `${body}\n${body}`);
    const seen = await read(ref);
    assert.equal(seen.block.kind, 'damaged');
    const outcome = await update(seen, { block: { mark: MARK, text: 'x' } });
    assert.equal(outcome.kind, 'refused');
    assert.equal((await read(ref)).version, seen.version);
  });

  it('refuses what is too long with people’s words, and names it', async () => {
    const { ref } = await create();
    const { bodyLimit } = stage.world.connection.capabilities;
    await stage.world.people.editText(ref, (body) => `${body}\n${'x'.repeat(bodyLimit - body.length - 50)}`);
    const outcome = await update(await read(ref), { block: { mark: MARK, text: 'y'.repeat(500) } });
    assert.ok(outcome.kind === 'refused' && outcome.code === 'too-long');
  });

  it('refuses to write to an issue that is deleted', async () => {
    const issue = await create();
    await stage.world.people.remove(issue.ref);
    assert.equal((await update(issue, { title: 'Other' })).kind, 'refused');
    stage.world.pass(5000);
    const seenAt = new Date(stage.world.now().getTime() - 5000);
    assert.equal((await update(issue, { title: 'Other' }, seenAt)).kind, 'refused');
  });

  it('moves through every status and back', async () => {
    let issue = await create();
    for (const category of ['done', 'dropped', 'done', 'open', 'dropped', 'open'] as const) {
      issue = issueIn(await update(issue, { status: { category } }));
      const shown = category === 'dropped' && stage.world.tellsDropped === false ? 'done' : category;
      assert.equal(issue.status.category, shown);
      assert.equal((await read(issue.ref)).status.id, issue.status.id);
    }
  });

  it('says stale when somebody changed just that, and writes nothing', async () => {
    const seen = await create();
    await stage.world.people.editTitle(seen.ref, 'By a person');
    stage.world.pass(5000);
    const seenAt = new Date(stage.world.now().getTime() - 5000);
    assert.deepEqual(await update(seen, { title: 'Ours' }, seenAt), { kind: 'stale' });
    assert.equal((await read(seen.ref)).title, 'By a person');
    await stage.world.people.close(seen.ref, 'dropped');
    assert.deepEqual(await update(seen, { status: { category: 'done' } }, seenAt), { kind: 'stale' });
    assert.equal((await update(seen, { addLabels: ['mine'] }, seenAt)).kind, 'written');
  });

  it('says stale when a label came that the change rests on', async () => {
    const open = await create();
    const seen = issueIn(await update(open, { status: { category: 'done' } }));
    await stage.world.people.addLabel(seen.ref, 'theirs');
    await stage.world.people.addLabel(seen.ref, 'tm-accepted');
    stage.world.pass(5000);
    const seenAt = new Date(stage.world.now().getTime() - 5000);
    const reopened = { status: { category: 'open' } } as const;
    assert.deepEqual(await update(seen, reopened, seenAt, ['tm-accepted']), { kind: 'stale' });
    assert.equal((await read(seen.ref)).status.category, seen.status.category);
    assert.equal((await update(seen, reopened, seenAt, ['tm-avoided'])).kind, 'written');
  });

  it('writes nothing where nothing differs', async () => {
    const issue = await create();
    const before = await read(issue.ref);
    const outcome = await update(before, {
      title: before.title,
      addLabels: ['threat-model'],
      status: { category: 'open' },
    });
    assert.equal(outcome.kind, 'written');
    assert.equal((await read(issue.ref)).version, before.version);
  });

  it('says how a write failed, and goes on with its neighbours', async () => {
    const kinds = { 'lost-after': 'unknown', 'web-page': 'unknown', refused: 'refused' } as const;
    for (const fault of ['lost-after', 'web-page', 'refused'] as const) {
      stage.world.faults.write(fault);
      const block = { mark: MARK, text: 'x' };
      const writes = ['one', 'two'].map((title) => ({ kind: 'create', title, block, labels: [] }) as const);
      const outcomes = await stage.world.tracker.write(writes, signal);
      const shared = stage.world.createsTogether === true && kinds[fault] === 'unknown';
      assert.deepEqual(
        outcomes.map((outcome) => outcome.kind),
        [kinds[fault], shared ? 'unknown' : 'written'],
        fault,
      );
    }
  });

  it('says later, and when, once it is asked to slow down, and sends no more', async () => {
    stage.world.faults.write('rate-limited');
    const block = { mark: MARK, text: 'x' };
    const writes = ['one', 'two'].map((title) => ({ kind: 'create', title, block, labels: [] }) as const);
    const before = stage.world.calls();
    const outcomes = await stage.world.tracker.write(writes, signal);
    for (const outcome of outcomes) assert.ok(outcome.kind === 'later' && outcome.resumeAt !== undefined);
    assert.ok(stage.world.calls() - before <= 1);
  });
}
