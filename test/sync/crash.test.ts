import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Service } from '../../src/compose.ts';
import type { UseCases } from '../../src/sync/use-cases.ts';
import { becomes, house } from './house.ts';
import { dragon, many } from './import-house.ts';
import { heir, mortal } from './mortal.ts';
import type { Fate } from './mortal.ts';
import { syncedPlatform, threat } from './platform.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
/** More steps than any of these runs has. */
const MANY_STEPS = 200;
const PATIENT = { limits: { creates: 1000 } };

let fate: Fate;
let dying: Service;

/** Somebody acts, the service dies before its n-th step after that; its heir takes over, and the act is repeated. True: it died. */
async function dieAndRecover(
  team: Team,
  n: number,
  act: (cases: UseCases) => Promise<unknown>,
): Promise<boolean> {
  const all = given();
  fate.born(n);
  await act(dying.useCases).catch(() => undefined);
  await becomes(async () => fate.isDead || (await team.isSettled()), true, 'dead or done');
  const died = fate.isDead;
  fate.isDead = true;
  // The lease of the dead one runs out, and the tracker has settled twice over.
  for (const lease of all.held.values()) await all.store.dispatch.release(lease, null);
  all.held.clear();
  await act(all.useCases());
  for (let look = 0; look < 2; look += 1) await team.passes(MINUTE_MS);
  return died;
}

function withMitigations(count: number) {
  return Array.from({ length: count }, (_, index) => threat(`T${index}`, [`M${index}`]));
}

describe('a service that dies between any two steps', () => {
  before(async () => {
    const made = mortal(given());
    fate = made.fate;
    dying = await given().another(made.overrides);
    await given().start(heir(given(), fate));
  });
  after(() => dying.close());

  it('leaves one issue for each threat when it was creating one', async () => {
    const team = await syncedTeam(given(), { threats: many(1), integration: PATIENT });
    for (let n = 1; n <= MANY_STEPS; n += 1) {
      const threats = n + 1;
      const died = await dieAndRecover(team, n, (cases) => team.import(many(threats), cases));
      await assertConverged(team, threats);
      if (died) continue;
      console.log(`died at each of ${n - 1} steps of a create: ${fate.steps.join(', ')}`);
      assert.ok(fate.steps.some((step) => step.startsWith('answer of POST')));
      return;
    }
    assert.fail('it never came to the end');
  });

  it('leaves one issue for each mitigation, under that of its threat', async () => {
    const integration = { ...PATIENT, granularity: 'threat+mitigations' } as const;
    const made = await syncedPlatform(given(), integration, withMitigations(1));
    for (let n = 1; n <= MANY_STEPS; n += 1) {
      const died = await dieAndRecover(made.team, n, (cases) => made.model(withMitigations(n + 1), cases));
      await assertConverged(made.team, 2 * (n + 1));
      for (let index = 0; index <= n; index += 1)
        assert.equal(made.issue(`M${index}`).parent, made.issue(`T${index}`).number, fate.steps.at(-1));
      if (died) continue;
      console.log(`died at each of ${n - 1} steps of a threat with a mitigation`);
      return;
    }
    assert.fail('it never came to the end');
  });

  it('leaves one parent for each threat model, and every issue under it', async () => {
    const team = await syncedTeam(given(), {
      threats: many(1),
      integration: { ...PATIENT, parent: { kind: 'model' } },
    });
    for (let n = 1; n <= MANY_STEPS; n += 1) {
      const path = `model-${n}.json`;
      const bytes = dragon(`Model ${n}`, [{ id: `m${n}-1` }]);
      const died = await dieAndRecover(team, n, (cases) =>
        cases.models.import(team.caller, { bytes, source: { path } }),
      );
      const issues = team.issues();
      const parents = issues.filter((issue) => issue.title === `Threat model: Model ${n}`);
      assert.equal(parents.length, 1, `dead at ${fate.steps.at(-1)}`);
      const under = issues.filter((issue) => issue.parent === parents[0]?.number);
      assert.equal(under.length, 1, `dead at ${fate.steps.at(-1)}`);
      assert.equal(issues.length, 2 + 2 * n);
      if (died) continue;
      console.log(`died at each of ${n - 1} steps of a model: ${fate.steps.join(', ')}`);
      assert.ok(fate.steps.some((step) => step.endsWith('/sub_issues')));
      return;
    }
    assert.fail('it never came to the end');
  });

  it('leaves both sides equal when it was changing an issue', async () => {
    const team = await syncedTeam(given(), { threats: many(1), integration: PATIENT });
    const { id } = await team.threat(1);
    for (let n = 1; n <= MANY_STEPS; n += 1) {
      const status = n % 2 === 0 ? 'identified' : 'mitigated';
      const patch = { status, description: `What can go wrong, told the ${n}th time.` } as const;
      const died = await dieAndRecover(team, n, (cases) => cases.threats.update(team.caller, id, patch));
      await assertConverged(team, 1);
      const issue = team.issue(1);
      assert.equal(issue.state, status === 'mitigated' ? 'closed' : 'open', `dead at ${fate.steps.at(-1)}`);
      assert.ok(issue.body.includes(patch.description));
      assert.equal((await team.threat(1)).status, status);
      if (died) continue;
      console.log(`died at each of ${n - 1} steps of an update: ${fate.steps.join(', ')}`);
      assert.ok(fate.steps.some((step) => step.startsWith('answer of PATCH')));
      return;
    }
    assert.fail('it never came to the end');
  });
});
