import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import { house } from './house.ts';
import { assertQuiet, close, platform, syncedPlatform, threat } from './platform.ts';

const given = house();
const people = () => given().github.world;
const cases = () => given().useCases();
const synced = (
  integration: Parameters<typeof syncedPlatform>[1],
  ...threats: Parameters<typeof syncedPlatform>[2]
) => syncedPlatform(given(), integration, threats);

const BELOW = { granularity: 'threat+mitigations' } as const;
const ALONE = { granularity: 'mitigation' } as const;

function isSettled(error: unknown): boolean {
  return error instanceof AppError && error.code === 'granularity-settled';
}

describe('a shared mitigation', () => {
  it('is one issue under the first of its threats, and the others name it', async () => {
    const made = await synced(BELOW, threat('T1', []), threat('T2', ['S*', 'M2']), threat('T3', ['S*']));
    assert.equal(made.team.issues().length, 5);
    const { number, url, body, parent } = made.issue('S');
    assert.equal(parent, made.issue('T2').number);
    assert.match(body, /TM-2: Threat T2[^]*TM-3: Threat T3/);
    assert.ok(made.issue('T3').body.includes(`[${String(number)}](${url})`), made.issue('T3').body);
    assert.ok(!made.issue('T2').body.includes(url));
    await assertQuiet(made);
    close(made, 'S');
    await made.team.sync();
    await made.team.settled();
    assert.deepEqual(await made.mitigations('T2'), ['S done', 'M2 proposed']);
    assert.deepEqual(await made.mitigations('T3'), ['S done']);
    assert.equal((await made.threat('T2')).status, 'mitigating');
    assert.equal((await made.threat('T3')).status, 'mitigated');
    assert.equal(made.issue('T3').state, 'closed');
    await assertQuiet(made);
  });

  it('stays while one of its threats does, and gets no second issue by a new one', async () => {
    const made = await synced(BELOW, threat('T1', ['S*']), threat('T2', ['S*']));
    await made.model([threat('T2', ['S*']), threat('T3', ['S*'], { title: 'Another one altogether' })]);
    await made.team.settled();
    assert.equal((await made.link('S')).state, 'linked');
    assert.equal(made.team.issues().length, 4);
    assert.match(made.issue('S').body, /TM-2: Threat T2[^]*TM-3: Another one/);
    close(made, 'S');
    await made.team.sync();
    assert.deepEqual([await made.mitigations('T2'), await made.mitigations('T3')], [['S done'], ['S done']]);
  });
});

describe('mitigations that come and go', () => {
  it('get an issue when they are new, and are told gone when they left; closed after the grace time, and reopened', async () => {
    const made = await synced({ ...BELOW, mapping: { missing: 'close' } }, threat('T1', ['M1', 'M2']));
    await made.model([threat('T1', ['M1', 'M3'])]);
    await made.team.settled();
    assert.equal(made.issue('M3').parent, made.issue('T1').number);
    assert.equal((await made.link('M2')).state, 'threat-gone');
    const said = made
      .issue('M2')
      .comments.filter(({ body }) => body.includes('The mitigation behind this issue'));
    assert.equal(said.length, 1);
    assert.ok(made.issue('M2').labels.includes('tm-missing'));
    await made.team.passes(TIMINGS.graceMs + 60_000);
    assert.deepEqual([made.issue('M2').state, made.issue('M2').stateReason], ['closed', 'not_planned']);
    await made.model([threat('T1', ['M1', 'M2', 'M3'])]);
    await made.team.settled();
    assert.equal((await made.link('M2')).state, 'linked');
    assert.deepEqual(
      [made.issue('M2').state, made.issue('M2').labels.includes('tm-missing')],
      ['open', false],
    );
    assert.deepEqual(await made.mitigations('T1'), ['M1 proposed', 'M2 proposed', 'M3 proposed']);
    await assertQuiet(made);
  });

  it('do not come back when a person has detached or deleted their issue', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2']));
    await cases().links.remove(made.team.caller, (await made.link('M1')).id);
    people().deleteIssue(made.team.at(made.issue('M2').number));
    await made.team.sync({ full: true });
    await made.team.passes(TIMINGS.missingGapMs + 1000);
    await made.model([threat('T1', ['M1', 'M2'], { description: 'More.' })]);
    await made.team.settled();
    assert.deepEqual(
      made.team.issues().map(({ title }) => title),
      ['Threat: Threat T1', 'Mitigation: Do M1'],
    );
  });
});

describe('what has issues of its own', () => {
  it('is settled with the first issue; threats may get mitigations below them later', async () => {
    const made = await synced({}, threat('T1', ['M1']));
    const { caller, integrationId } = made.team;
    const change = (granularity: 'threat' | 'threat+mitigations' | 'mitigation') =>
      cases().integrations.change(caller, integrationId, { granularity });
    await assert.rejects(change('mitigation'), isSettled);
    await change('threat+mitigations');
    await made.team.settled();
    assert.equal(made.issue('M1').parent, made.issue('T1').number);
    await assert.rejects(change('threat'), isSettled);
    for (const name of ['M1', 'T1']) await cases().links.remove(caller, (await made.link(name)).id);
    await change('threat');
  });

  it('is no mitigation without a key, and the plan says so', async () => {
    const { team } = await platform(given(), ALONE, [threat('T1', ['M1 done']), threat('T2', ['M1'])]);
    await team.import([{ id: 'd1', mitigation: 'Do this.' }, { id: 'd2' }]);
    const plan = await cases().sync.plan(team.caller, team.integrationId);
    assert.deepEqual(
      new Set(plan.items.map(({ action, title, skip }) => [action, title, skip?.code].join(' '))),
      new Set([
        'create Do M1 ',
        'skip Threat T1 no-mitigations',
        'skip Threat d1 no-mitigation-keys',
        'skip Threat d2 no-mitigations',
      ]),
    );
  });

  it('may be bound by hand, and is refused where the integration has no issues of it', async () => {
    const made = await platform(given(), BELOW, [threat('T1', ['M1 done'])]);
    const { caller, integrationId, place } = made.team;
    const { number } = people().openIssue({ ...place, title: 'Ours', body: '' });
    const { id: threatId } = await made.threat('T1');
    const bind = (mitigationKey?: string) =>
      cases().links.create(caller, integrationId, { threatId, mitigationKey, issue: String(number) });
    await assert.rejects(bind('M9'), /no mitigation "M9"/);
    const link = await bind('M1');
    assert.deepEqual([link.role, link.mitigationKey, link.threatId], ['mitigation', 'M1', threatId]);
    const alone = await platform(given(), ALONE, [threat('T1', ['M1'])]);
    const input = { threatId: (await alone.threat('T1')).id, issue: '1' };
    const { team } = alone;
    await assert.rejects(
      cases().links.create(team.caller, team.integrationId, input),
      /no issues of threats/,
    );
  });
});

describe('three levels', () => {
  it('stand under each other: the model, its threats, their mitigations', async () => {
    const made = await synced(
      { ...BELOW, parent: { kind: 'model' } },
      threat('T1', ['M1']),
      threat('T2', []),
    );
    const model = made.team.issues().find(({ title }) => title === 'Threat model: Shop');
    assert.equal(made.issue('T1').parent, model?.number);
    assert.equal(made.issue('M1').parent, made.issue('T1').number);
    await assertQuiet(made);
  });

  it('are two where mitigations have issues alone', async () => {
    const made = await synced({ ...ALONE, parent: { kind: 'model' } }, threat('T1', ['M1']));
    const model = made.team.issues().find(({ title }) => title === 'Threat model: Shop');
    assert.equal(made.issue('M1').parent, model?.number);
    await assertQuiet(made);
  });
});
