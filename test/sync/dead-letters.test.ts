import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SeenRequest } from '../../simulators/github/index.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const HOUR_MS = 60 * 60_000;
/** GitHub's settle time and a little. */
const SETTLE_MS = 11_000;
const people = () => given().github.world;
const cases = () => given().useCases().deadLetters;

afterEach(() => given().github.knobs.reset());

/** The tracker refuses these requests of the team until the knobs are turned back, and hours pass. */
async function refusedFor(
  team: Team,
  match: (request: SeenRequest) => boolean,
  message: string,
): Promise<void> {
  given().github.knobs.next({
    match: (request) => request.account === team.bot.login && match(request),
    times: 10_000,
    answer: { status: 422, body: { message } },
  });
}

async function hoursPass(team: Team): Promise<void> {
  await team.settled();
  for (let hour = 0; hour < 9; hour += 1) await team.passes(HOUR_MS);
}

const isPatch = ({ method, path }: SeenRequest) => method === 'PATCH' && /\/issues\/[12]$/.test(path);
const isCreate = ({ method, path }: SeenRequest) => method === 'POST' && path.endsWith('/issues');
const lettersOf = (team: Team, query: { code?: string; limit?: number } = {}) =>
  cases().list(team.caller, team.integrationId, { limit: 50, ...query });
const retry = (team: Team, choice: Parameters<ReturnType<typeof cases>['retry']>[2]) =>
  cases().retry(team.caller, team.integrationId, choice);
const discard = (team: Team, choice: Parameters<ReturnType<typeof cases>['discard']>[2]) =>
  cases().discard(team.caller, team.integrationId, choice);

/** Of three links, the writes of two were refused until they were set aside. */
async function twoAside(): Promise<Team> {
  const team = await syncedTeam(given(), { threats: many(3) });
  await refusedFor(team, isPatch, 'Validation Failed');
  for (const number of [1, 2]) await team.patch(number, { status: 'mitigated' });
  await hoursPass(team);
  given().github.knobs.reset();
  return team;
}

describe('dead letters', () => {
  it('are seen by cause and in status, and a retry of the cause writes what waited', async () => {
    const team = await twoAside();
    people().editBody(team.at(3), team.issue(3).body.replace('<!-- tmi:end -->', ''));
    await team.sync({ full: true });
    await team.settled();
    // The sync by hand was a try of its own.
    assert.deepEqual([team.issue(1).state, team.issue(2).state], ['closed', 'closed']);
    const { causes, count } = await lettersOf(team);
    assert.deepEqual([count, causes[0]?.code], [1, 'block-damaged']);
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.equal(status.health, 'degraded');
    assert.match(status.summary, /^1 links were set aside: see GET .*dead-letters/);
  });

  it('of one cause are retried together, with all their tries', async () => {
    const team = await twoAside();
    const { causes } = await lettersOf(team);
    const [cause] = causes;
    assert.deepEqual([causes.length, cause?.code, cause?.count], [1, 'invalid', 2]);
    assert.match(cause?.message ?? '', /refused 8 times: .*Validation Failed/);
    assert.equal((await lettersOf(team, { limit: 1 })).causes[0]?.items.length, 1);
    assert.equal((await lettersOf(team, { code: 'other' })).count, 0);
    assert.deepEqual(await retry(team, { code: 'other' }), { linkIds: [], left: 0 });
    const moved = await retry(team, { code: 'invalid' });
    assert.equal(moved.linkIds.length, 2);
    await team.settled();
    assert.deepEqual([team.issue(1).state, team.issue(2).state], ['closed', 'closed']);
    assert.deepEqual(
      (await team.links()).map(({ failures }) => failures),
      [0, 0, 0],
    );
    await assertConverged(team, 3);
  });

  it('are retried one by one; again is the same; the others wait', async () => {
    const team = await twoAside();
    const { id } = await team.link(1);
    assert.deepEqual(await retry(team, { linkIds: [id, id] }), { linkIds: [id], left: 0 });
    assert.deepEqual(await retry(team, { linkIds: [id] }), { linkIds: [], left: 0 });
    await team.settled();
    assert.deepEqual(await retry(team, { linkIds: [id] }), { linkIds: [], left: 0 });
    assert.deepEqual([team.issue(1).state, team.issue(2).state], ['closed', 'open']);
    assert.equal((await lettersOf(team)).count, 1);
  });

  it('that fail again get all their tries before they are set aside again', async () => {
    const team = await twoAside();
    await refusedFor(team, isPatch, 'Still not');
    const { id } = await team.link(1);
    await retry(team, { linkIds: [id] });
    await team.settled();
    assert.deepEqual([(await team.link(1)).state, (await team.link(1)).failures], ['linked', 1]);
    await hoursPass(team);
    assert.equal((await team.link(1)).state, 'quarantined');
  });

  it('whose issue was never made are created by a retry, once', async () => {
    const team = await newTeam(given());
    await refusedFor(team, isCreate, 'Issues are locked');
    await team.sync();
    await hoursPass(team);
    const [letter] = (await lettersOf(team)).causes[0]?.items ?? [];
    assert.deepEqual([letter?.issue, letter?.failures], [undefined, 8]);
    given().github.knobs.reset();
    await retry(team, { linkIds: [letter?.linkId ?? ''] });
    await team.settled();
    await assertConverged(team, 1);
  });

  it('with a doubled mark are looked for again: never a third issue, and the one that is left is taken', async () => {
    const team = await newTeam(given());
    await team.settled();
    given().github.knobs.next({
      match: (request) => request.account === team.bot.login && isCreate(request),
      when: 'after',
      answer: { status: 502 },
    });
    await team.sync();
    const { body, title } = team.issue(1);
    people().openIssue({ ...team.place, title, body, by: team.bot.login });
    await team.passes(SETTLE_MS);
    assert.equal((await lettersOf(team)).causes[0]?.code, 'mark-doubled');
    await retry(team, { code: 'mark-doubled' });
    await team.settled();
    assert.equal((await lettersOf(team)).count, 1);
    assert.equal(team.issues().length, 2);
    people().deleteIssue(team.at(2));
    await retry(team, { code: 'mark-doubled' });
    await team.settled();
    assert.equal((await team.link(1)).issue?.key, '1');
    await assertConverged(team, 1);
  });

  it('that are discarded are never written again; again is the same; there is no way back', async () => {
    const team = await twoAside();
    const { id } = await team.link(1);
    assert.deepEqual(await discard(team, { linkIds: [id] }), { linkIds: [id], left: 0 });
    assert.deepEqual(await discard(team, { linkIds: [id] }), { linkIds: [], left: 0 });
    const link = await team.transact((tx) => tx.links.get(id));
    assert.equal(link?.state, 'detached');
    assert.match(link.stateReason ?? '', /^Discarded by ann\. .*Validation Failed/);
    await team.sync({ full: true });
    assert.deepEqual([team.issue(1).state, team.issue(2).state], ['open', 'closed']);
    await assert.rejects(retry(team, { linkIds: [id] }), { code: 'conflict', message: /is detached since/ });
  });

  it('that are at work again are not discarded, and nothing beside them', async () => {
    const team = await twoAside();
    const [one, two] = [(await team.link(1)).id, (await team.link(2)).id];
    await retry(team, { linkIds: [one] });
    await assert.rejects(discard(team, { linkIds: [two, one] }), {
      code: 'conflict',
      message: /is linked since .* Nothing was discarded/,
    });
    assert.equal((await team.link(2)).state, 'quarantined');
  });

  it('are those of one integration of one tenant, and have to be named', async () => {
    const team = await twoAside();
    const other = await newTeam(given());
    const { id } = await team.link(1);
    await assert.rejects(retry(other, { linkIds: [id] }), { code: 'not-found' });
    await assert.rejects(cases().discard(other.caller, team.integrationId, { code: 'invalid' }), {
      code: 'not-found',
    });
    await assert.rejects(retry(team, {}), { code: 'unprocessable' });
    assert.equal((await lettersOf(team)).count, 2);
  });

  it('are parents, too', async () => {
    const team = await newTeam(given(), { integration: { parent: { kind: 'model' } } });
    await refusedFor(team, isCreate, 'Issues are locked');
    await team.sync();
    await hoursPass(team);
    const items = (await lettersOf(team)).causes.flatMap((cause) => cause.items);
    assert.deepEqual(items.map(({ role }) => role).toSorted(), ['parent', 'threat']);
    given().github.knobs.reset();
    await retry(team, { code: 'invalid' });
    await team.settled();
    assert.deepEqual(
      (await team.links()).map(({ state }) => state),
      ['linked', 'linked'],
    );
    assert.equal(team.issues().length, 2);
  });
});
