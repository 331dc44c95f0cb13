import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

describe('mitigations that have issues of their own', () => {
  it('stand under the issue of their threat, those alone that are to be done', async () => {
    const made = await platform(given(), BELOW, [
      threat('T1', ['M1', 'M2 in-progress', 'M3 done', 'M4 rejected']),
      threat('T2', []),
    ]);
    const plan = await cases().sync.plan(made.team.caller, made.team.integrationId);
    assert.deepEqual(
      plan.items.map(({ action, title, mitigationKey }) => [action, title, mitigationKey]),
      [
        ['create', 'Threat T1', undefined],
        ['create', 'Threat T2', undefined],
        ['create', 'Do M1', 'M1'],
        ['create', 'Do M2', 'M2'],
      ],
    );
    const run = await made.team.sync();
    await made.team.settled();
    assert.equal(run.counts.created, 4);
    assert.ok(run.calls <= plan.estimatedCalls, `${run.calls} calls, ${plan.estimatedCalls} estimated`);
    const home = made.issue('T1').number;
    for (const name of ['M1', 'M2']) {
      assert.equal(made.issue(name).parent, home);
      assert.match(made.issue(name).body, /TM-1: Threat T1/);
      assert.equal((await made.link(name)).role, 'mitigation');
    }
    assert.deepEqual(await made.mitigations('T1'), [
      'M1 proposed',
      'M2 in-progress',
      'M3 done',
      'M4 rejected',
    ]);
    await assertQuiet(made);
  });

  it('follow their issues both ways', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2', 'M3']));
    people().close(made.team.at(made.issue('M1').number), 'completed');
    people().close(made.team.at(made.issue('M2').number), 'not_planned');
    await made.team.sync();
    assert.deepEqual(await made.mitigations('T1'), ['M1 done', 'M2 rejected', 'M3 proposed']);
    people().addLabel(made.team.at(made.issue('M1').number), 'tm-verified');
    people().reopen(made.team.at(made.issue('M2').number));
    await made.team.sync();
    assert.deepEqual(await made.mitigations('T1'), ['M1 verified', 'M2 proposed', 'M3 proposed']);
    await made.team.settled();
    await assertQuiet(made);
  });

  it('follow their model, which overrules nothing where it says what it said before', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2', 'M3']));
    close(made, 'M1');
    await made.team.sync();
    const description = 'More words.';
    await made.model([threat('T1', ['M1', 'M2 verified', 'M3'], { description })]);
    await made.team.settled();
    assert.deepEqual(await made.mitigations('T1'), ['M1 done', 'M2 verified', 'M3 proposed']);
    const { state, stateReason, labels } = made.issue('M2');
    assert.deepEqual([state, stateReason], ['closed', 'completed']);
    assert.ok(labels.includes('tm-verified'));
    await made.model([threat('T1', ['M1 in-progress', 'M2 verified', 'M3'], { description })]);
    await made.team.settled();
    assert.equal(made.issue('M1').state, 'open');
    assert.deepEqual(await made.mitigations('T1'), ['M1 in-progress', 'M2 verified', 'M3 proposed']);
    await assertQuiet(made);
  });
});

describe('mitigations alone', () => {
  it('have issues, and their threats none', async () => {
    const made = await synced(ALONE, threat('T1', ['M1', 'M2']), threat('T2', []));
    assert.deepEqual(
      made.team.issues().map(({ title, parent }) => [title, parent]),
      [
        ['Mitigation: Do M1', null],
        ['Mitigation: Do M2', null],
      ],
    );
    await assertQuiet(made);
  });
});

describe('the status of a threat', () => {
  it('follows its mitigations, and closes and reopens its issue', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2']));
    close(made, 'M1');
    await made.team.sync();
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'mitigating');
    assert.equal(made.issue('T1').state, 'open');
    close(made, 'M2');
    await made.team.sync();
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'mitigated');
    assert.deepEqual([made.issue('T1').state, made.issue('T1').stateReason], ['closed', 'completed']);
    const { id } = await made.threat('T1');
    const { history } = await cases().threats.get(made.team.caller, id);
    assert.ok(history.some(({ action, after }) => action === 'threat-rolled-up' && after === 'mitigated'));
    await assertQuiet(made);
    people().reopen(made.team.at(made.issue('M2').number));
    await made.team.sync();
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'mitigating');
    assert.equal(made.issue('T1').state, 'open');
    await assertQuiet(made);
  });

  it('waits for verified mitigations where there is a gate, by the API or the label', async () => {
    const made = await synced({ ...BELOW, gate: true }, threat('T1', ['M1', 'M2']));
    close(made, 'M1');
    close(made, 'M2');
    await made.team.sync();
    await made.team.settled();
    assert.deepEqual(await made.mitigations('T1'), ['M1 done', 'M2 done']);
    assert.equal((await made.threat('T1')).status, 'mitigating');
    people().addLabel(made.team.at(made.issue('M1').number), 'tm-verified');
    await made.team.sync();
    const { id } = await made.threat('T1');
    await cases().threats.updateMitigation(made.team.caller, id, 'M2', 'verified');
    await made.team.settled();
    assert.ok(made.issue('M2').labels.includes('tm-verified'));
    assert.equal((await made.threat('T1')).status, 'mitigated');
    assert.equal(made.issue('T1').state, 'closed');
    await assertQuiet(made);
  });

  it('stays when a person closes its issue over open mitigations, and one comment asks', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2']));
    close(made, 'T1');
    await made.team.sync();
    await made.team.passes(11 * 60_000);
    await made.team.passes(60 * 60_000);
    assert.equal((await made.threat('T1')).status, 'identified');
    const asked = made.issue('T1').comments.filter(({ body }) => body.includes('still to be done'));
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.body ?? '', /Do M1[^]*Do M2/);
    close(made, 'M1');
    close(made, 'M2', 'not_planned');
    await made.team.sync();
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'mitigated');
    assert.equal((await made.link('T1')).fields.status, undefined);
    assert.equal(made.issue('T1').state, 'closed');
    await assertQuiet(made);
  });

  it('follows them at an import, too, unless the model itself says what it is', async () => {
    const made = await synced(BELOW, threat('T1', ['M1', 'M2']), threat('T2', ['M1']));
    await made.model([
      threat('T1', ['M1 done', 'M2 rejected']),
      threat('T2', ['M1 in-progress'], { status: 'accepted' }),
    ]);
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'mitigated');
    assert.equal((await made.threat('T2')).status, 'accepted');
    assert.equal(made.issue('T1').state, 'closed');
  });

  it('does not follow them where issues are made of threats alone', async () => {
    const made = await synced({}, threat('T1', ['M1']));
    const { id } = await made.threat('T1');
    await cases().threats.updateMitigation(made.team.caller, id, 'M1', 'done');
    await made.team.settled();
    assert.equal((await made.threat('T1')).status, 'identified');
    assert.match(made.issue('T1').body, /Do M1.*done/);
  });
});
