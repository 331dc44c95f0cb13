import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Issue, StatusCategory } from '../../src/domain/issue.ts';
import { issueIn } from './stage.ts';
import type { Stage } from './stage.ts';

/** What `history` promises. */
export function promisesOfHistory(stage: Stage): void {
  const { create, update, read, signal } = stage;

  /** Open or closed, and whether we did it. */
  async function since({ ref, version, updatedAt }: Issue): Promise<[string, boolean][]> {
    const { bound } = await stage.world.tracker.checkup(signal);
    const fields = new Set(['status'] as const);
    const look = { ref, seen: { version, updatedAt }, fields };
    const told = (await stage.world.tracker.history([look], signal)).get(ref.id) ?? [];
    return told.flatMap((each): [string, boolean][] =>
      each.field === 'status' ? [[closedOrOpen(each.to.category), each.by === bound?.accountId]] : [],
    );
  }

  it('tells of several issues at once who has written which titles and texts', async () => {
    const [one, other] = [await create(), await create()];
    const { bound } = await stage.world.tracker.checkup(signal);
    stage.world.pass(2000);
    await stage.world.people.editTitle(one.ref, 'Words of people');
    await update(await read(one.ref), { title: 'Words of ours' });
    await stage.world.people.editTitle(other.ref, 'Other words');
    const looks = [one, other].map(({ ref, version, updatedAt }) => ({
      ref,
      seen: { version, updatedAt },
      fields: new Set(['title', 'text'] as const),
    }));
    const told = await stage.world.tracker.history(looks, signal);
    const titles = [one, other].map(({ ref }) =>
      (told.get(ref.id) ?? []).flatMap((each) =>
        each.field === 'title' ? [[each.to, each.by === bound?.accountId]] : [],
      ),
    );
    assert.deepEqual(titles, [
      [
        ['Words of people', false],
        ['Words of ours', true],
      ],
      [['Other words', false]],
    ]);
    assert.ok([...told.values()].flat().every(({ name = '' }) => name !== ''));
  });

  it('tells a close of ours that a person has undone, and who did what', async () => {
    const issue = await create();
    stage.world.pass(2000);
    const closed = issueIn(await update(issue, { status: { category: 'done' } }));
    stage.world.pass(2000);
    await stage.world.people.reopen(issue.ref);
    const ends = (await since(issue)).filter(([to], index, all) => all[index - 1]?.[0] !== to);
    assert.deepEqual(ends.slice(-2), [
      ['closed', true],
      ['open', false],
    ]);
    assert.deepEqual(
      (await since(closed)).filter(([, ours]) => !ours).map(([to]) => to),
      ['open'],
    );
  });

  it('tells nothing of other changes, nor of what was before', async () => {
    const { ref } = await create();
    await stage.world.people.close(ref, 'done');
    stage.world.pass(2000);
    await stage.world.people.reopen(ref);
    stage.world.pass(2000);
    await stage.world.people.editTitle(ref, 'Other words');
    const seen = await read(ref);
    stage.world.pass(2000);
    await stage.world.people.addLabel(ref, 'theirs');
    await stage.world.people.editTitle(ref, 'Other words again');
    assert.deepEqual(await since(seen), []);
    await stage.world.people.close(ref, 'dropped');
    assert.deepEqual((await since(seen)).at(-1), ['closed', false]);
  });
}

function closedOrOpen(category: StatusCategory): string {
  return category === 'done' || category === 'dropped' ? 'closed' : 'open';
}
