import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Policy } from '../../src/domain/integration.ts';
import { becomes, house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
/** GitHub's settle time and a little. */
const SETTLE_MS = 11_000;

afterEach(() => given().github.knobs.reset());

/** Somebody does this after our last look, while our next write of the issue is on its way. */
function meanwhile(team: Team, act: () => void, times = 1): void {
  const path = `/repos/${team.place.owner}/${team.place.repo}/issues/1`;
  let left = times;
  given().github.knobs.next({
    match(request) {
      if (request.method === 'PATCH' && request.path === path && left > 0) {
        left -= 1;
        act();
      }
      return false;
    },
    answer: 'reset',
  });
}

function rename(team: Team, title: string): () => void {
  return () => given().github.world.editTitle(team.at(1), title, 'mona');
}

async function conflictsOf(team: Team, state: 'open' | 'resolved') {
  return (await given().useCases().conflicts.list(team.caller, { limit: 10, state })).items;
}

async function teamWith(policy: Policy): Promise<Team> {
  const mapping = { policies: { status: policy, title: policy, block: policy } };
  return syncedTeam(given(), { integration: { mapping } });
}

describe('an edit between our look and the arrival of our write', () => {
  it('of a title is put back, and is a conflict as any other', async () => {
    const team = await teamWith('ask');
    meanwhile(team, rename(team, 'Words of Mona'));
    await team.patch(1, { title: 'Words of the threat' });
    await team.settled();
    assert.equal(team.issue(1).title, 'Words of Mona');
    const [conflict, ...others] = await conflictsOf(team, 'open');
    assert.deepEqual(others, []);
    assert.equal(conflict?.field, 'title');
    assert.match(conflict?.threat ?? '', /Words of the threat/);
    assert.equal(conflict?.issue, 'Words of Mona');
    assert.equal(conflict?.changedBy?.issue?.by, 'mona');
    await assertConverged(team, 1);
  });

  it('of a title is past where the threat wins: the record keeps it', async () => {
    const team = await teamWith('threat');
    meanwhile(team, rename(team, 'Words of Mona'));
    await team.patch(1, { title: 'Words of the threat' });
    await team.settled();
    assert.match(team.issue(1).title, /Words of the threat/);
    const [record, ...others] = await conflictsOf(team, 'resolved');
    assert.deepEqual(others, []);
    assert.deepEqual([record?.issue, record?.resolution?.by], ['Words of Mona', 'policy threat']);
    assert.equal(record?.changedBy?.issue?.by, 'mona');
    const told = async (): Promise<boolean> => {
      const events = await team.transact((tx) => tx.events.after(0, 500));
      return events.some(({ type, subject }) => type === 'conflict:resolved' && subject === record?.id);
    };
    await becomes(told, true, 'the event is published');
    await assertConverged(team, 1);
  });

  it('of a title stays theirs where the issue wins', async () => {
    const team = await teamWith('issue');
    meanwhile(team, rename(team, 'Words of Mona'));
    await team.patch(1, { title: 'Words of the threat' });
    await team.settled();
    assert.equal(team.issue(1).title, 'Words of Mona');
    assert.equal((await team.link(1)).fields.title?.kind, 'released');
    await assertConverged(team, 1);
  });

  it('is found again when what put it back goes over the next one', async () => {
    const team = await teamWith('ask');
    let words = 0;
    meanwhile(team, () => rename(team, `Words ${(words += 1)}`)(), 2);
    await team.patch(1, { title: 'Words of the threat' });
    await team.settled();
    assert.equal(team.issue(1).title, 'Words 2');
    assert.deepEqual(
      (await conflictsOf(team, 'open')).map(({ issue }) => issue),
      ['Words 2'],
    );
    await assertConverged(team, 1);
  });

  it('of the text is kept in a record, with who and when', async () => {
    const team = await teamWith('ask');
    const { body } = team.issue(1);
    meanwhile(team, () => given().github.world.editBody(team.at(1), `${body}\n\nA line of Mona`, 'mona'));
    await team.patch(1, { description: 'Another description.' });
    await team.settled();
    assert.match(team.issue(1).body, /Another description/);
    const [record, ...others] = await conflictsOf(team, 'resolved');
    assert.deepEqual(others, []);
    assert.equal(record?.field, 'block');
    assert.match(record?.issue ?? '', /A line of Mona/);
    assert.equal(record?.changedBy?.issue?.by, 'mona');
    await assertConverged(team, 1);
  });

  it('is found after the settle time where the history did not answer at once', async () => {
    const team = await teamWith('ask');
    meanwhile(team, rename(team, 'Words of Mona'));
    await team.patch(1, { title: 'Words of the threat' });
    let asked = 0;
    given().github.knobs.next({
      match: ({ path, body }) =>
        path === '/graphql' && JSON.stringify(body).includes('timelineItems') && (asked += 1) > 0,
      times: 4,
      answer: { status: 502 },
    });
    await team.settled();
    assert.ok(asked > 0);
    assert.deepEqual(await conflictsOf(team, 'open'), []);
    given().github.knobs.reset();
    await team.passes(SETTLE_MS);
    assert.equal(team.issue(1).title, 'Words of Mona');
    assert.equal((await conflictsOf(team, 'open')).length, 1);
    await assertConverged(team, 1);
  });
});

describe('nothing was gone over', () => {
  it('when people edit right before our look, and the history costs one request for three writes', async () => {
    const threats = Array.from({ length: 5 }, (_, index) => ({ id: `t${index}` }));
    const team = await syncedTeam(given(), { threats });
    for (const number of [1, 2, 3, 4, 5]) {
      given().github.world.editTitle(team.at(number), `Title ${number}`, 'mona');
      given().github.world.editBody(team.at(number), `${team.issue(number).body}\n\nA line`, 'mona');
    }
    team.forget();
    await team.import(threats.map((each) => ({ ...each, description: 'Something else.' })));
    await team.settled();
    assert.equal(team.writes().length, 5);
    const asked = team.requests().filter(({ body }) => JSON.stringify(body)?.includes('timelineItems'));
    assert.equal(asked.length, 2);
    assert.deepEqual([...(await conflictsOf(team, 'resolved')), ...(await conflictsOf(team, 'open'))], []);
  });
});
