import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { IssueRef, ParentRef, Placed, Placing, WriteOutcome } from '../../src/domain/issue.ts';
import { checkOf, issueIn, MARK } from './stage.ts';
import type { HierarchyWorld, Stage } from './stage.ts';

function placedIn(outcome: WriteOutcome | undefined): Placed {
  assert.ok(outcome?.kind === 'written' && outcome.placed !== undefined, JSON.stringify(outcome));
  return outcome.placed;
}

/** What `placing`, and `write` with a parent, promise. */
export function promisesOfPlacing(stage: Stage): void {
  const { create, signal, text } = stage;
  const hierarchy = (): HierarchyWorld => stage.world.hierarchy;

  async function newParent(title = 'Threat model: Payments'): Promise<ParentRef> {
    const block = { mark: MARK, text: text('The threats of this model') };
    const labels = ['threat-model'];
    const write = { kind: 'create', title, block, labels, isParent: true } as const;
    const [outcome] = await stage.world.tracker.write([write], signal);
    const { ref, url } = issueIn(outcome);
    return { ...ref, url };
  }

  async function place(ref: IssueRef, parent: ParentRef, as: Placing, tracker = stage.world.tracker) {
    assert.ok(as !== 'mention');
    const [outcome] = await tracker.write([{ kind: 'place', ref, parent, as }], signal);
    return outcome;
  }

  /** As the engine does it: with the create where the tracker takes it, else afterwards. */
  async function createUnder(parent: ParentRef, as: Placing): Promise<{ ref: IssueRef; placed: Placed }> {
    const block = { mark: MARK, text: text('somebody reads the queue') };
    const labels = ['threat-model'];
    const head = { kind: 'create', title: 'Threat: under a parent', block, labels } as const;
    const write = as === 'child' ? { ...head, parent } : head;
    const [outcome] = await stage.world.tracker.write([write], signal);
    const { ref } = issueIn(outcome);
    if (as === 'mention') return { ref, placed: { kind: 'mention' } };
    const placed = outcome?.kind === 'written' ? outcome.placed : undefined;
    return { ref, placed: placed ?? placedIn(await place(ref, parent, as)) };
  }

  it('puts a new issue under its parent, as it said it would', async () => {
    const parent = await newParent();
    const { kind, detail } = await stage.world.tracker.placing(parent, signal);
    assert.equal(kind, hierarchy().best, detail);
    const { ref, placed } = await createUnder(parent, kind);
    assert.deepEqual(placed, { kind });
    assert.deepEqual(hierarchy().placeOf(ref), { kind, key: parent.key });
  });

  it('puts many new issues under their parent in one go', async () => {
    const parent = await newParent();
    if (hierarchy().best !== 'child') return;
    const block = { mark: MARK, text: text('x') };
    const head = { kind: 'create', block, labels: [], parent } as const;
    const writes = ['one', 'two', 'three'].map((title) => ({ ...head, title }));
    for (const outcome of await stage.world.tracker.write(writes, signal)) {
      const { ref } = issueIn(outcome);
      if (outcome.kind === 'written' && outcome.placed === undefined) await place(ref, parent, 'child');
      assert.deepEqual(hierarchy().placeOf(ref), { kind: 'child', key: parent.key });
    }
  });

  it('puts an issue that is there under a parent, and the same again changes nothing', async () => {
    const parent = await newParent();
    const { ref } = await create();
    const { best, placeOf } = hierarchy();
    for (const tracker of [stage.world.tracker, stage.world.tracker, stage.world.another()]) {
      assert.deepEqual(placedIn(await place(ref, parent, best, tracker)), { kind: best });
      assert.deepEqual(placeOf(ref), { kind: best, key: parent.key });
    }
  });

  it('leaves an issue where people have put it', async () => {
    const parent = await newParent();
    const other = await newParent('Epic of people');
    const { ref } = await create();
    const { best, placeOf, putUnder } = hierarchy();
    if (best !== 'child') return;
    putUnder(ref, other);
    assert.equal(placedIn(await place(ref, parent, best)).kind, 'left');
    assert.deepEqual(placeOf(ref), { kind: 'child', key: other.key });
  });

  it('makes do with less where there is no hierarchy, and everything else is written', async () => {
    const { without, atLeast, placeOf, isKnown = true } = hierarchy();
    if (!isKnown) return;
    without();
    const parent = await newParent();
    const { kind } = await stage.world.tracker.placing(parent, signal);
    assert.equal(kind, atLeast);
    const { ref, placed } = await createUnder(parent, kind);
    assert.equal(placed.kind, atLeast);
    const expected = atLeast === 'mention' ? undefined : { kind: atLeast, key: parent.key };
    assert.deepEqual(placeOf(ref), expected);
    const issue = await stage.read(ref);
    assert.equal(issue.title, 'Threat: under a parent');
    assert.ok(issue.labels.includes('threat-model') && issue.block.kind === 'present');
  });

  it('says why when the hierarchy turns out not to take an issue, and writes the rest', async () => {
    const { without, best, atLeast } = hierarchy();
    const parent = await newParent();
    const { kind } = await stage.world.tracker.placing(parent, signal);
    without();
    const { ref, placed } = await createUnder(parent, kind);
    assert.equal(placed.kind, atLeast, JSON.stringify(placed));
    assert.equal(placed.reason !== undefined, atLeast !== best);
    const issue = await stage.read(ref);
    assert.equal(issue.title, 'Threat: under a parent');
    assert.ok(issue.labels.includes('threat-model'));
  });

  it('says that the parent is gone, and changes nothing', async () => {
    const parent = await newParent();
    const { ref } = await create();
    await stage.world.people.remove(parent);
    const outcome = await place(ref, parent, hierarchy().best, stage.world.another());
    assert.ok(outcome?.kind === 'refused' && outcome.code === 'parent-gone', JSON.stringify(outcome));
    assert.equal(hierarchy().placeOf(ref), undefined);
    await assert.rejects(stage.world.another().placing(parent, signal), { code: 'tracker-not-found' });
  });

  it('creates an issue all the same when its parent is gone', async () => {
    const parent = await newParent();
    await stage.world.people.remove(parent);
    const block = { mark: MARK, text: text('x') };
    const write = { kind: 'create', title: 'Left alone', block, labels: ['threat-model'], parent } as const;
    const [outcome] = await stage.world.tracker.write([write], signal);
    assert.equal(issueIn(outcome).title, 'Left alone');
    assert.ok(outcome?.kind === 'written' && outcome.placed?.kind !== 'child');
  });

  it('shows in the connection test whether there is a hierarchy', async () => {
    const { best, without, isKnown = true } = hierarchy();
    await create();
    const first = checkOf(await stage.world.tracker.checkup(signal), 'hierarchy');
    assert.equal(first, 'ok');
    // What has no hierarchy at all has nothing to lose.
    if (!isKnown || best !== 'child') return;
    without();
    const second = checkOf(await stage.world.another().checkup(signal), 'hierarchy');
    assert.equal(second, 'warning');
  });
}
