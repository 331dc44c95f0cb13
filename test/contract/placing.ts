import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { IssueRef, ParentRef, Placed, WriteOutcome } from '../../src/domain/issue.ts';
import { checkOf, issueIn, MARK } from './stage.ts';
import type { HierarchyWorld, Stage } from './stage.ts';

function placedIn(outcome: WriteOutcome): Placed {
  assert.ok(outcome.kind === 'written' && outcome.placed !== undefined, JSON.stringify(outcome));
  return outcome.placed;
}

function hierarchyOf(stage: Stage): HierarchyWorld {
  const { hierarchy } = stage.world;
  assert.ok(hierarchy);
  return hierarchy;
}

/** What `placing`, and `write` with a parent, promise. */
export function promisesOfPlacing(stage: Stage): void {
  const { create, signal, text } = stage;

  async function newParent(): Promise<ParentRef> {
    const { ref, url } = await create('Threat model: Payments', 'The threats of this model');
    return { ...ref, url };
  }

  async function place(
    ref: IssueRef,
    parent: ParentRef,
    tracker = stage.world.tracker,
  ): Promise<WriteOutcome> {
    const [outcome] = await tracker.write([{ kind: 'place', ref, parent }], signal);
    assert.ok(outcome);
    return outcome;
  }

  /** As the engine does: with the create where the tracker takes it, else afterwards. */
  async function createUnder(parent: ParentRef): Promise<{ ref: IssueRef; placed: Placed }> {
    const block = { mark: MARK, text: text('somebody reads the queue') };
    const [outcome] = await stage.world.tracker.write(
      [{ kind: 'create', title: 'Threat: under a parent', block, labels: ['threat-model'], parent }],
      signal,
    );
    const { ref } = issueIn(outcome);
    assert.ok(outcome?.kind === 'written');
    return { ref, placed: outcome.placed ?? placedIn(await place(ref, parent)) };
  }

  it('puts a new issue under its parent, as it said it would', async () => {
    const parent = await newParent();
    const { kind, detail } = await stage.world.tracker.placing(parent, signal);
    assert.equal(kind, hierarchyOf(stage).best);
    assert.ok(detail.length > 10);
    const { ref, placed } = await createUnder(parent);
    assert.deepEqual(placed, { kind });
    assert.deepEqual(hierarchyOf(stage).placeOf(ref), { kind, key: parent.key });
  });

  it('puts an issue that is there under a parent, and the same again changes nothing', async () => {
    const parent = await newParent();
    const { ref } = await create();
    const { best, placeOf } = hierarchyOf(stage);
    for (const tracker of [stage.world.tracker, stage.world.tracker, stage.world.another()]) {
      assert.deepEqual(placedIn(await place(ref, parent, tracker)), { kind: best });
      assert.deepEqual(placeOf(ref), { kind: best, key: parent.key });
    }
  });

  it('leaves an issue where people have put it', async () => {
    const parent = await newParent();
    const other = await create('Epic of people');
    const { ref } = await create();
    const { best, placeOf, putUnder } = hierarchyOf(stage);
    if (best !== 'child') return;
    putUnder(ref, other.ref);
    assert.equal(placedIn(await place(ref, parent)).kind, 'left');
    assert.deepEqual(placeOf(ref), { kind: 'child', key: other.ref.key });
  });

  it('makes do with less where there is no hierarchy, and everything else is written', async () => {
    const hierarchy = hierarchyOf(stage);
    hierarchy.without();
    const parent = await newParent();
    const { kind } = await stage.world.tracker.placing(parent, signal);
    assert.equal(kind, hierarchy.atLeast);
    const { ref, placed } = await createUnder(parent);
    assert.equal(placed.kind, hierarchy.atLeast);
    assert.deepEqual(
      hierarchy.placeOf(ref),
      hierarchy.atLeast === 'mention' ? undefined : { kind: hierarchy.atLeast, key: parent.key },
    );
    const issue = await stage.read(ref);
    assert.equal(issue.title, 'Threat: under a parent');
    assert.ok(issue.labels.includes('threat-model') && issue.block.kind === 'present');
  });

  it('says why when the hierarchy turns out not to take an issue', async () => {
    const parent = await newParent();
    await stage.world.tracker.placing(parent, signal);
    const hierarchy = hierarchyOf(stage);
    hierarchy.without();
    const { ref, placed } = await createUnder(parent);
    assert.equal(placed.kind, hierarchy.atLeast);
    if (hierarchy.atLeast !== hierarchy.best) assert.ok(placed.reason !== undefined);
    assert.equal((await stage.read(ref)).title, 'Threat: under a parent');
  });

  it('says that the parent is gone, and changes nothing', async () => {
    const parent = await newParent();
    const { ref } = await create();
    await stage.world.people.remove(parent);
    const outcome = await place(ref, parent, stage.world.another());
    assert.ok(outcome.kind === 'refused' && outcome.code === 'parent-gone', JSON.stringify(outcome));
    await assert.rejects(stage.world.another().placing(parent, signal), { code: 'tracker-not-found' });
  });

  it('shows in the connection test whether there is a hierarchy', async () => {
    const hierarchy = hierarchyOf(stage);
    await create();
    assert.equal(
      checkOf(await stage.world.tracker.checkup(signal), 'hierarchy'),
      hierarchy.best === 'child' ? 'ok' : 'warning',
    );
    hierarchy.without();
    assert.equal(checkOf(await stage.world.another().checkup(signal), 'hierarchy'), 'warning');
  });
}
