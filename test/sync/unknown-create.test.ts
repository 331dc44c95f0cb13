import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { OddAnswer } from '../../simulators/github/index.ts';
import { keyFingerprint, markText } from '../../src/domain/mark.ts';
import { Secret } from '../../src/domain/secret.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const SECOND_MS = 1000;
/** GitHub's settle time and a little. */
const SETTLE_MS = 11 * SECOND_MS;

afterEach(() => given().github.knobs.reset());

/** The next create of the team goes wrong. */
function failCreate(team: Team, when: 'before' | 'after', answer: OddAnswer): void {
  const path = `/repos/${team.place.owner}/${team.place.repo}/issues`;
  given().github.knobs.next({
    match: (request) => request.method === 'POST' && request.path === path,
    when,
    answer,
  });
}

function creates(team: Team): number {
  return team.writes().filter(({ method, path }) => method === 'POST' && path.endsWith('/issues')).length;
}

/** A team whose only create has no known outcome. */
async function unsure(when: 'before' | 'after', answer: OddAnswer): Promise<Team> {
  const team = await newTeam(given());
  await team.settled();
  team.forget();
  failCreate(team, when, answer);
  const run = await team.sync();
  assert.equal(run.state, 'completed');
  const [item] = await team.items(run);
  assert.deepEqual([item?.outcome, item?.reason?.code], ['parked', 'outcome-unknown']);
  assert.deepEqual(
    (await team.links()).map(({ state }) => state),
    ['creating'],
  );
  return team;
}

describe('a create without a known outcome', () => {
  for (const answer of [{ status: 502 }, 'reset', 'truncated', 'html', 'wrong-schema'] as const) {
    const name = typeof answer === 'string' ? answer : 'a 502';
    it(`that took effect before ${name} is adopted by its mark, not created again`, async () => {
      const team = await unsure('after', answer);
      await team.passes(SETTLE_MS);
      assert.equal((await team.link(1)).state, 'linked');
      assert.equal((await team.lastRun())?.counts.adopted, 1);
      assert.equal(creates(team), 1);
      await assertConverged(team, 1);
    });
  }

  it('that took effect and never answered is adopted', async () => {
    await given().start({ timeouts: { connectMs: 3000, headersMs: 3000, bodyMs: 3000 } });
    const team = await unsure('after', 'hang');
    await team.passes(SETTLE_MS);
    assert.equal(creates(team), 1);
    await assertConverged(team, 1);
  });

  it('is adopted with what was sent as its past: what a person did meanwhile is an edit', async () => {
    const team = await unsure('after', { status: 502 });
    const { world } = given().github;
    world.editTitle(team.at(1), 'Ours now');
    world.close(team.at(1), 'completed');
    await team.passes(SETTLE_MS);
    const link = await team.link(1);
    assert.equal(link.base?.issue.title, 'Ours now');
    assert.equal(link.fields.title?.kind, 'released');
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.deepEqual([team.issue(1).title, team.issue(1).state], ['Ours now', 'closed']);
    await assertConverged(team, 1);
  });

  it('that did not take effect is created again, once, when it was absent twice the settle time apart', async () => {
    const team = await unsure('before', { status: 503 });
    await team.passes(SETTLE_MS);
    assert.equal(team.issues().length, 0);
    assert.equal(creates(team), 1);
    await team.passes(SECOND_MS);
    assert.equal(creates(team), 1, 'one absence proves nothing');
    await team.passes(SETTLE_MS);
    assert.equal(creates(team), 2);
    await assertConverged(team, 1);
  });

  it('is found in a listing that lags behind by more than a settle time', async () => {
    given().github.knobs.listLagMs = 15 * SECOND_MS;
    const team = await unsure('after', 'reset');
    await team.passes(SETTLE_MS);
    assert.equal((await team.links())[0]?.state, 'creating');
    await team.passes(SETTLE_MS);
    assert.equal(creates(team), 1);
    await assertConverged(team, 1);
  });

  it('is set aside for a person when a clone carries its mark, too', async () => {
    const team = await unsure('after', { status: 502 });
    const { title, body } = team.issue(1);
    given().github.world.openIssue({ ...team.place, title, body, by: team.bot.login });
    await team.passes(SETTLE_MS);
    const [link] = await team.links();
    assert.equal(link?.state, 'quarantined');
    assert.match(link.stateReason ?? '', /Several issues carry its mark \(1, 2\)/);
    await team.passes(SETTLE_MS);
    await team.sync({ full: true });
    assert.equal(team.issues().length, 2);
    assert.equal(creates(team), 1);
  });

  it('does not adopt the clone that somebody else made', async () => {
    const team = await unsure('after', { status: 502 });
    const { title, body } = team.issue(1);
    given().github.world.openIssue({ ...team.place, title, body, by: 'mona' });
    await team.passes(SETTLE_MS);
    assert.equal((await team.link(1)).state, 'linked');
    assert.equal(team.issues().length, 2);
  });

  it('never adopts an issue whose mark has a foreign MAC', async () => {
    const team = await unsure('before', { status: 503 });
    const [link] = await team.links();
    assert.ok(link);
    const threat = await team.transact((tx) => tx.threats.get(link.threatId));
    const forged = markText(
      { linkId: link.id, key: keyFingerprint(threat?.key ?? '') },
      new Secret('another installation'),
    );
    const body = `<!-- ${forged} -->\nForged\n<!-- tmi:end -->`;
    given().github.world.openIssue({ ...team.place, title: 'Forged', body, by: team.bot.login });
    await team.passes(SETTLE_MS);
    await team.passes(SETTLE_MS);
    assert.equal((await team.link(2)).state, 'linked');
    assert.equal(team.issue(1).title, 'Forged');
    assert.equal(creates(team), 2);
  });

  it('does not keep other threats from their issues', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    await team.settled();
    failCreate(team, 'after', { status: 502 });
    const run = await team.sync();
    assert.equal(run.counts.created, 2);
    await team.passes(SETTLE_MS);
    await assertConverged(team, 3);
  });
});

describe('an issue without its mark', () => {
  it('is bound by its id, and the run item says what is missing', async () => {
    await given().start({
      between: (outbound) => ({
        ...outbound,
        open: (endpoint, context) => {
          const way = outbound.open(endpoint, context);
          return {
            calls: () => way.calls(),
            send: (request, signal) =>
              way.send(
                request.path.endsWith('/issues') && request.json !== undefined
                  ? { ...request, json: stripped(request.json) }
                  : request,
                signal,
              ),
          };
        },
      }),
    });
    const team = await newTeam(given(), { threats: many(2) });
    const run = await team.sync();
    const items = await team.items(run);
    assert.match(items[0]?.reason?.message ?? '', /hidden mark is missing/);
    assert.equal((await team.link(1)).state, 'linked');
    await team.sync({ full: true });
    team.forget();
    await team.sync({ full: true });
    assert.deepEqual(team.writes(), []);
  });
});

/** A tracker that takes hidden comments out of what it is sent. */
function stripped(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll(/<!--.*?-->/g, ''));
}
