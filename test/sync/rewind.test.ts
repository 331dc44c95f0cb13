import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemChance, systemClock } from '../../src/clock.ts';
import type { Threat } from '../../src/domain/threat.ts';
import { inProcessEvents } from '../../src/events/in-process.ts';
import { startPublisher } from '../../src/sync/publisher.ts';
import { aModel } from '../store/fixtures.ts';
import { memoryStore } from '../simulation/memory-store/store.ts';
import { becomes, house } from './house.ts';
import { dragon, many } from './import-house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

/** The only store that can be put back in time between two statements. */
const store = memoryStore({ clock: systemClock, chance: systemChance });
const given = house(async () => ({ store, drop: async () => {} }));
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const integrationOf = (team: Team) =>
  team.transact(async (tx) => (await tx.integrations.get(team.integrationId)) ?? assert.fail('it is gone'));
const stateOf = async (team: Team): Promise<string> => (await integrationOf(team)).state;

/** Two threats with issues; then a backup; then a third threat with its issue, and a person closes the first one. */
async function teamWithBackup(): Promise<{ team: Team; putBack: () => void }> {
  const team = await syncedTeam(given(), { threats: many(2) });
  await published(team);
  const backup = store.snapshot();
  await team.import(many(3));
  await team.passes(MINUTE_MS);
  given().github.world.close(team.at(1), 'completed');
  await team.sync();
  await team.passes(MINUTE_MS);
  await assertConverged(team, 3);
  await published(team);
  return {
    team,
    putBack() {
      store.restore(backup);
      given().held.clear();
      team.forget();
    },
  };
}

/** A threat with its issue; then a backup; then two copies of its model with their issues, whose threats have the same key. */
async function teamWithCopies(): Promise<{
  team: Team;
  importCopies: () => Promise<void>;
  putBack: () => void;
}> {
  const team = await syncedTeam(given(), { threats: many(1) });
  await published(team);
  const backup = store.snapshot();
  async function importCopies(): Promise<void> {
    for (const name of ['A copy', 'Another copy'])
      await given()
        .useCases()
        .models.import(team.caller, {
          bytes: dragon(name, [{ id: 't1', title: `Threat of ${name}` }]),
          asNew: true,
        });
  }
  await importCopies();
  await team.sync();
  await team.passes(MINUTE_MS);
  await assertConverged(team, 3);
  await published(team);
  return {
    team,
    importCopies,
    putBack() {
      store.restore(backup);
      given().held.clear();
      team.forget();
    },
  };
}

async function threatsNamed(team: Team, title: string): Promise<readonly Threat[]> {
  const { items } = await team.transact((tx) => tx.threats.list({ limit: 200 }));
  return items.filter((threat) => threat.title === title);
}

/** Nothing of the team waits in the outbox: what the database knows was told to the world. */
async function published(team: Team): Promise<void> {
  const waiting = (): number =>
    (store.dump()['outbox'] ?? []).filter(
      (row) => row['tenant_id'] === team.caller.tenantId && row['published_at'] === null,
    ).length;
  await becomes(waiting, 0, 'all events are published');
}

describe('a database that is put back in time', () => {
  it('is noticed under a running service: it only plans, and links what it has forgotten', async () => {
    const { team, putBack } = await teamWithBackup();
    putBack();
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    await team.import(many(3));
    await team.passes(2 * HOUR_MS);
    await becomes(async () => (await team.links()).length, 3, 'the forgotten link is restored');
    assert.deepEqual(team.writes(), [], 'nobody has said yes');
    assert.equal((await team.threat(1)).status, 'identified', 'a close that was forgotten is only planned');
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.deepEqual([status.state, status.health], ['new', 'waiting']);
    assert.match(status.summary, /put back to an earlier time/);

    await team.sync();
    await team.passes(MINUTE_MS);
    assert.equal(await stateOf(team), 'active');
    await assertConverged(team, 3);
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.ok((await integrationOf(team)).rewound?.settledAt);
  });

  it('is noticed by the marks of its issues where nobody remembers how far it was', async () => {
    const { team, putBack } = await teamWithBackup();
    await given().stop();
    putBack();
    await given().start();
    await team.import(many(3));
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    assert.deepEqual(team.writes(), []);
    await team.sync();
    await team.passes(MINUTE_MS);
    await assertConverged(team, 3);
  });

  it('takes back the issue of a threat whose first try had been refused when the backup was made', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    given().github.knobs.next({
      match: ({ method, path }) => method === 'POST' && path.endsWith('/issues'),
      answer: { status: 422, body: { message: 'Validation Failed' } },
    });
    await team.import(many(3));
    await team.settled();
    assert.equal(team.issues().length, 2);
    await published(team);
    const backup = store.snapshot();
    await team.passes(HOUR_MS);
    await team.patch(1, { title: 'Told after the backup' });
    await team.passes(MINUTE_MS);
    await assertConverged(team, 3);
    await published(team);
    store.restore(backup);
    given().held.clear();
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    await team.sync();
    await team.passes(HOUR_MS);
    assert.equal(team.issues().length, 3);
    await assertConverged(team, 3);
  });

  it('tells copies of a model apart by what their issues show', async () => {
    const { team, importCopies, putBack } = await teamWithCopies();
    putBack();
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    await importCopies();
    await team.passes(2 * HOUR_MS);
    await becomes(async () => (await team.links()).length, 3, 'the forgotten links are restored');
    await team.sync();
    await team.passes(MINUTE_MS);
    assert.equal(await stateOf(team), 'active');
    await assertConverged(team, 3);
  });

  it('asks before it makes an issue that may be there', async () => {
    const { team, importCopies, putBack } = await teamWithCopies();
    const { world } = given().github;
    for (const number of [2, 3]) {
      world.editTitle(team.at(number), `A person's title ${number}`);
      world.editBody(team.at(number), team.issue(number).body.replace('**Where**', '**Here**'));
    }
    putBack();
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    await importCopies();
    await team.passes(2 * HOUR_MS);
    const run = await team.sync();
    assert.equal(run.state, 'needs-confirmation');
    assert.equal((await integrationOf(team)).rewound?.unsure?.length, 2);
    assert.equal(team.issues().length, 3, 'nothing was made a second time');

    const [threat] = await threatsNamed(team, 'Threat of A copy');
    const bound = await given()
      .useCases()
      .links.create(team.caller, team.integrationId, { threatId: threat?.id ?? '', issue: '2' });
    await assert.rejects(
      given()
        .useCases()
        .links.create(team.caller, team.integrationId, { threatId: threat?.id ?? '', issue: '1' }),
      { code: 'issue-already-linked' },
    );
    assert.match(team.issue(2).body, new RegExp(`link=${bound.id} `), 'under the id that its mark names');
    const again = await team.sync();
    assert.equal(again.state, 'needs-confirmation');
    assert.ok(again.planId !== undefined);
    await team.sync({ planId: again.planId });
    await team.passes(MINUTE_MS);
    assert.equal(team.issues().length, 4, 'of the other one a person has said that another is wanted');
  });

  it('never repeats a number of its events', async () => {
    const { team, putBack } = await teamWithBackup();
    const before = await team.transact((tx) => tx.events.lastSequence());
    putBack();
    await team.passes(2 * HOUR_MS);
    await becomes(() => stateOf(team), 'new');
    await published(team);
    const later = await team.transact((tx) => tx.events.after(before, 1000));
    assert.ok(later.length > 0);
  });

  it('is not suspected when a service only starts again, which costs one listing', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    await published(team);
    await given().start();
    team.forget();
    await team.sync();
    const listings = () => team.requests().filter(({ query }) => query.includes('creator=')).length;
    assert.equal(listings(), 1);
    await team.sync();
    assert.equal(listings(), 1);
    assert.equal(await stateOf(team), 'active');
  });
});

describe('a publisher that starts', () => {
  it('numbers nothing before it could ask what was published', async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const clock = systemClock;
    const here = memoryStore({ clock, chance: systemChance });
    const known = inProcessEvents(log);
    await known.remember(new Map([['acme', 9]]));
    let health: 'up' | 'down' = 'down';
    const bus = { ...known, health: () => health };
    const acme = here.tenant('acme');
    await acme.transact(async (tx) => {
      await tx.models.insert(aModel());
      await tx.events.add([{ type: 'threat:updated', subject: 's', data: {} }], clock.now().toISOString());
    });
    const publisher = startPublisher({ store: here, bus, clock, log });
    await clock.sleep(600);
    assert.equal(await acme.transact((tx) => tx.events.lastSequence()), 0);
    health = 'up';
    await becomes(
      () => acme.transact((tx) => tx.events.lastSequence()),
      10,
      'it is numbered after what was known',
    );
    await publisher.stop();
  });
});
