import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Service } from '../../src/compose.ts';
import { becomes, house } from './house.ts';
import { many } from './import-house.ts';
import { heir, mortal } from './mortal.ts';
import type { Fate } from './mortal.ts';
import { assertConverged, newTeam, syncedTeam, type Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** More steps than an undo has. */
const MANY_STEPS = 100;

let fate: Fate;
let dying: Service;

/** The service dies before the n-th step of an undo; its heir goes on. True: it died. */
async function undoneByTwo(team: Team, runId: string, n: number): Promise<boolean> {
  const all = given();
  fate.born(n);
  await dying.useCases.undo.start(team.caller, runId).catch(() => undefined);
  await becomes(async () => fate.isDead || (await team.isSettled()), true, 'dead or done');
  const died = fate.isDead;
  fate.isDead = true;
  for (const lease of all.held.values()) await all.store.dispatch.release(lease, null);
  all.held.clear();
  await all
    .useCases()
    .undo.start(team.caller, runId)
    .catch((error: unknown) => assert.match(String(error), /taken back already/));
  for (let look = 0; look < 2; look += 1) await team.passes(MINUTE_MS);
  return died;
}

describe('a service that dies between any two steps of an undo', () => {
  before(async () => {
    const made = mortal(given());
    fate = made.fate;
    dying = await given().another(made.overrides);
    await given().start(heir(given(), fate));
  });
  after(() => dying.close());

  it('leaves the rest to be undone once, and nothing twice', async () => {
    const team = await syncedTeam(given(), { threats: many(1) });
    for (let n = 1; n <= MANY_STEPS; n += 1) {
      await team.patch(1, { status: 'mitigated', title: `Words ${n}` });
      await team.settled();
      const run = await team.lastRun();
      assert.deepEqual([team.issue(1).state, run?.counts.pushed], ['closed', 1], `before ${n}`);
      team.forget();
      const died = await undoneByTwo(team, run?.id ?? '', n);
      const where = `dead at ${fate.steps.at(-1)}`;
      const { title, state } = team.issue(1);
      assert.deepEqual([state, title.includes(`Words ${n}`)], ['open', false], where);
      assert.deepEqual(
        Object.values((await team.link(1)).fields).map((field) => field?.kind),
        ['hold', 'hold'],
        where,
      );
      const changes = await team.transact((tx) => tx.changes.ofRun(run?.id ?? ''));
      assert.ok(
        changes.every(({ undoneBy }) => undoneBy !== undefined),
        where,
      );
      const written = await Promise.all(
        [...new Set(changes.flatMap(({ undoneBy }) => undoneBy ?? []))].map((id) =>
          team.transact((tx) => tx.changes.ofRun(id)),
        ),
      );
      assert.equal(written.flat().length, changes.length, `${where}: each was taken back once`);
      await assertConverged(team, 1);
      assert.equal(team.issue(1).state, 'open', where);
      // From here on as if it had not been undone, and so late that the status is not taken for fought over.
      await team.passes(HOUR_MS);
      await team.patch(1, { status: 'identified', title: 'Words' });
      await team.settled();
      if (died) continue;
      console.log(`died at each of ${n - 1} steps of an undo: ${fate.steps.join(', ')}`);
      assert.ok(fate.steps.some((step) => step.startsWith('answer of PATCH')));
      return;
    }
    assert.fail('it never came to the end');
  });

  it('leaves every issue that the run had made closed, and its link ended', async () => {
    for (let n = 1; n <= MANY_STEPS; n += 4) {
      const team = await newTeam(given(), { threats: many(2) });
      const run = await team.sync();
      const died = await undoneByTwo(team, run.id, n);
      const where = `dead at ${fate.steps.at(-1)}`;
      assert.deepEqual(
        team.issues().map(({ state, stateReason }) => [state, stateReason]),
        [
          ['closed', 'not_planned'],
          ['closed', 'not_planned'],
        ],
        where,
      );
      assert.deepEqual(
        (await team.links()).map(({ state }) => state),
        ['detached', 'detached'],
        where,
      );
      if (!died) return;
    }
    assert.fail('it never came to the end');
  });
});
