import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { OddAnswer } from '../../simulators/github/index.ts';
import type { Outbound } from '../../src/ports/outbound.ts';
import { becomes, house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
/** GitHub's settle time and a little. */
const SETTLE_MS = 11_000;

afterEach(() => given().github.knobs.reset());

/** The team's next change of an issue goes wrong. */
function failChange(team: Team, when: 'before' | 'after', answer: OddAnswer): void {
  const path = `/repos/${team.place.owner}/${team.place.repo}/issues/1`;
  given().github.knobs.next({
    match: (request) => request.method === 'PATCH' && request.path === path,
    when,
    answer,
  });
}

function changes(team: Team): number {
  return team.writes().filter(({ method }) => method === 'PATCH').length;
}

describe('an update without a known outcome', () => {
  it('that took effect is not written again', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'after', { status: 502 });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.equal(team.issue(1).state, 'closed');
    await team.passes(SETTLE_MS);
    assert.equal(changes(team), 1);
    assert.equal((await team.link(1)).base?.issue.status, 'mitigated');
    await assertConverged(team, 1);
  });

  it('that took effect is never undone: who reopens the issue later has edited it', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'after', 'reset');
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    await team.passes(SETTLE_MS);
    given().github.world.reopen(team.at(1));
    await team.sync();
    assert.equal(team.issue(1).state, 'open');
    assert.equal((await team.threat(1)).status, 'identified');
  });

  it('that a person has undone within the settle time is theirs: the history tells', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'after', { status: 502 });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    given().github.world.reopen(team.at(1));
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).state, 'open');
    assert.equal((await team.threat(1)).status, 'identified');
    assert.equal(changes(team), 1);
  });

  it('that did not take effect is written again, though people closed and reopened the issue meanwhile', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'before', { status: 503 });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    given().github.world.close(team.at(1), 'completed');
    given().github.world.reopen(team.at(1));
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).state, 'closed');
    assert.equal((await team.threat(1)).status, 'mitigated');
  });

  it('goes on without the history where the tracker refuses to show it', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'before', { status: 503 });
    given().github.knobs.next({
      match: (request) => request.path.endsWith('/issues/1/events'),
      answer: { status: 403, body: { message: 'Resource not accessible by personal access token' } },
    });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 1);
  });

  it('that did not take effect is written again after the settle time', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'before', { status: 503 });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.equal(team.issue(1).state, 'open');
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 1);
  });

  it('keeps its place when the threat has moved on: the newest value is written', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'after', { status: 502 });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    await team.patch(1, { status: 'identified' });
    await team.settled();
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).state, 'open');
    assert.equal((await team.threat(1)).status, 'identified');
    const conflicts = await given().useCases().conflicts.list(team.caller, { limit: 10 });
    assert.deepEqual(conflicts.items, []);
    await assertConverged(team, 1);
  });

  it('does not hide what a person did after it', async () => {
    const team = await syncedTeam(given());
    failChange(team, 'after', { status: 502 });
    await team.patch(1, { status: 'mitigated', title: 'New words' });
    await team.settled();
    given().github.world.editTitle(team.at(1), 'My words');
    given().github.world.reopen(team.at(1));
    given().github.world.close(team.at(1), 'not_planned');
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).title, 'My words');
    assert.equal(team.issue(1).stateReason, 'not_planned');
    assert.equal((await team.link(1)).fields.title?.kind, 'released');
  });
});

describe('a stale write', () => {
  it('is not sent: a person who edits between our look and our write loses nothing', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const { github, clock } = given();
    // While the first issue is written, somebody edits the second, which was read together with it.
    const between = (outbound: Outbound): Outbound => ({
      ...outbound,
      open: (endpoint, context) => {
        const way = outbound.open(endpoint, context);
        return {
          calls: () => way.calls(),
          send: (request, signal) => meddled(request, way.send(request, signal)),
        };
      },
    });
    const edited: number[] = [];
    async function meddled<T>(
      { method, path }: { method: string; path: string },
      answering: Promise<T>,
    ): Promise<T> {
      const answer = await answering;
      if (method !== 'PATCH' || edited.length > 0) return answer;
      const other = path.endsWith('/1') ? 2 : 1;
      edited.push(other);
      const body = team.issue(other).body.replace('Done when', 'Finished when');
      github.world.editBody(team.at(other), body);
      clock.ahead(2_000);
      return answer;
    }
    await given().stop();
    const writer = await given().another({ between });
    try {
      const ids = [(await team.threat(1)).id, (await team.threat(2)).id];
      for (const id of ids)
        await writer.useCases.threats.update(team.caller, id, { description: 'Told anew.' });
      await team.settled();
    } finally {
      await writer.close();
    }
    const [other = 0] = edited;
    assert.match(team.issue(other).body, /Finished when/);
    assert.doesNotMatch(team.issue(other).body, /Told anew/);
    await given().start();
    const { items } = await given().useCases().conflicts.list(team.caller, { limit: 10 });
    assert.deepEqual(
      items.map(({ field, state }) => [field, state]),
      [['block', 'open']],
    );
  });
});

describe('a link that changes while its write is under way', () => {
  it('loses nothing: what arrived meanwhile is known to be ours, and the newest value is written', async () => {
    const team = await syncedTeam(given());
    const { id } = await team.link(1);
    given().github.knobs.latencyMs = 300;
    await team.patch(1, { status: 'mitigated' });
    const told = async () => (await team.transact((tx) => tx.ops.open([id]))).length;
    await becomes(told, 1, 'the write is on its way');
    const link = await team.link(1);
    assert.ok(await team.transact((tx) => tx.links.update(link)));
    await team.patch(1, { status: 'accepted' });
    await becomes(() => team.issue(1).state, 'closed');
    given().github.knobs.reset();
    await team.settled();
    const { items } = await given().useCases().conflicts.list(team.caller, { limit: 5 });
    assert.deepEqual(items, []);
    assert.equal((await team.threat(1)).status, 'accepted');
    assert.equal(team.issue(1).stateReason, 'not_planned');
    await assertConverged(team, 1);
  });
});
