import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const people = () => given().github.world;

afterEach(() => given().github.knobs.reset());

type Delivered = ReturnType<ReturnType<typeof people>['hooks']>[number]['deliveries'][number];

/** The newest delivery of a kind that GitHub sent for this team. */
function delivered(team: Team, event: string): Delivered {
  const hook = people().hooks(team.place.owner, team.place.repo)[0];
  return (
    hook?.deliveries.findLast((each) => each.event === event) ?? assert.fail(`no ${event} was delivered`)
  );
}

/** Sends a delivery as it was, or changed; answers the status. */
async function send(
  delivery: Delivered,
  change: { url?: string; headers?: Record<string, string | undefined>; body?: string } = {},
): Promise<{ status: number; body: string }> {
  const headers = new Headers(delivery.requestHeaders);
  for (const [name, value] of Object.entries(change.headers ?? {})) {
    headers.delete(name);
    if (value !== undefined) headers.set(name, value);
  }
  headers.delete('content-length');
  const answer = await fetch(change.url ?? delivery.url, {
    method: 'POST',
    headers,
    body: change.body ?? delivery.body,
  });
  return { status: answer.status, body: await answer.text() };
}

async function heard(team: Team): Promise<void> {
  await given().github.settled();
  await team.settled();
}

describe('a webhook', () => {
  it('is proven with the new secret after one was made, and with the one before', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().addLabel(team.at(1), 'before');
    await heard(team);
    const old = delivered(team, 'issues');
    const made = await given().useCases().integrations.webhookSecret(team.caller, team.integrationId);
    assert.equal(made.isRegistered, true);
    people().close(team.at(1), 'completed');
    await heard(team);
    assert.equal((await team.threat(1)).status, 'mitigated');
    const signature = delivered(team, 'issues').requestHeaders['x-hub-signature-256'];
    const body = delivered(team, 'issues').body;
    assert.equal(signature, `sha256=${createHmac('sha256', made.secret).update(body).digest('hex')}`);
    const again = { 'x-github-delivery': '00000000-0000-4000-8000-00000000000b' };
    assert.equal((await send(old, { headers: again })).status, 202);
    await given().useCases().integrations.webhookSecret(team.caller, team.integrationId);
    await given().useCases().integrations.webhookSecret(team.caller, team.integrationId);
    const late = { 'x-github-delivery': '00000000-0000-4000-8000-00000000000c' };
    assert.equal((await send(old, { headers: late })).status, 401);
  });

  it('brings what a person did, without a poll, and our own writes come back as nothing', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().close(team.at(1), 'completed');
    await heard(team);
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.equal((await team.lastRun())?.trigger, 'webhook');
    await team.patch(1, { status: 'identified' });
    await team.settled();
    await heard(team);
    assert.equal(team.writes().length, 1);
    assert.equal((await team.threat(1)).status, 'identified');
    await assertConverged(team, 1);
  });

  it('delivered again with the same id has one effect', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().close(team.at(1), 'completed');
    await heard(team);
    team.forget();
    const again = await send(delivered(team, 'issues'));
    assert.ok(again.status < 300, again.body);
    await team.settled();
    assert.deepEqual(team.requests(), []);
    const { items } = await given()
      .useCases()
      .deliveries.list(team.caller, team.integrationId, { limit: 50 });
    const ids = items.map(({ deliveryId }) => deliveryId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('repeated and out of order leads to what is so now', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    given().github.knobs.webhooks = {
      ...given().github.knobs.webhooks,
      repeat: 1,
      shuffle: true,
      delayMs: 30,
    };
    people().close(team.at(1), 'completed');
    people().reopen(team.at(1));
    people().close(team.at(1), 'completed');
    people().addLabel(team.at(1), 'seen');
    await heard(team);
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.ok((await team.link(1)).shown?.labels.includes('seen'));
    assert.deepEqual(team.writes(), []);
    await assertConverged(team, 1);
  });

  it('that was lost is made up for by the schedule', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    await heard(team);
    given().github.knobs.webhooks.lose = 1;
    people().close(team.at(1), 'completed');
    await heard(team);
    assert.equal((await team.threat(1)).status, 'identified');
    await team.passes(61 * MINUTE_MS);
    assert.equal((await team.threat(1)).status, 'mitigated');
  });

  it('about an issue that we are just creating makes no second one', async () => {
    const team = await newTeam(given(), { threats: many(3), hooks: true });
    // The answer of a create comes after the hook that tells of it.
    given().github.knobs.latencyMs = 50;
    const run = await team.sync();
    assert.equal(run.counts.created, 3);
    given().github.knobs.reset();
    await heard(team);
    await assertConverged(team, 3);
  });

  it('can be replayed by a person, as a new hint', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().close(team.at(1), 'completed');
    await heard(team);
    // A delivery that came during a run is concluded by the next one.
    await team.sync();
    const cases = given().useCases().deliveries;
    const { items } = await cases.list(team.caller, team.integrationId, { limit: 50 });
    const first = items.find(({ event }) => event === 'issues.closed') ?? assert.fail('no delivery is kept');
    assert.equal(first.verdict, 'processed');
    team.forget();
    await cases.replay(team.caller, first.id);
    await team.settled();
    assert.ok(team.requests().some(({ path }) => path === '/graphql'));
    assert.deepEqual(team.writes(), []);
  });

  it('keeps what it hinted at while the service is away', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    const url = given().url();
    people().close(team.at(1), 'completed');
    await given().github.settled();
    await given().stop();
    await given().start();
    await team.settled();
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.notEqual(given().url(), url);
  });
});

describe('a webhook that proves nothing', () => {
  it('is refused in the same words, whatever is wrong with it', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().editTitle(team.at(1), 'Edited');
    await heard(team);
    const genuine = delivered(team, 'issues');
    const signature = genuine.requestHeaders['x-hub-signature-256'] ?? assert.fail('it is not signed');
    const foreign = createHmac('sha256', 'another secret').update(genuine.body).digest('hex');
    const other = await syncedTeam(given(), { hooks: true });
    const base = genuine.url.slice(0, genuine.url.lastIndexOf('/'));
    const fresh = { 'x-github-delivery': '11111111-2222-4333-8444-555555555555' };
    team.forget();
    const answers = await Promise.all(
      [
        { headers: { ...fresh, 'x-hub-signature-256': undefined } },
        { headers: { ...fresh, 'x-hub-signature-256': '' } },
        { headers: { ...fresh, 'x-hub-signature-256': signature.slice(0, -2) } },
        { headers: { ...fresh, 'x-hub-signature-256': signature.replace('sha256', 'sha1') } },
        { headers: { ...fresh, 'x-hub-signature-256': `sha256=${foreign}` } },
        { headers: fresh, body: genuine.body.replace('Edited', 'Forged') },
        { headers: fresh, url: `${base}/0f8fad5b-d9cb-469f-a165-70867728950e` },
        { headers: fresh, url: `${base}/${other.integrationId}` },
        { headers: fresh, url: genuine.url.replace('/github/', '/gitlab/') },
      ].map((change) => send(genuine, change)),
    );
    const words = answers.map(({ status, body }) => {
      const { requestId: _, instance: __, ...problem } = JSON.parse(body);
      return [status, problem];
    });
    for (const each of words) assert.deepEqual(each, words[0]);
    assert.equal(words[0]?.[0], 401);
    await team.settled();
    assert.deepEqual(team.requests(), []);
  });

  it('is refused when it is about another repository, however well it is signed', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    const other = await syncedTeam(given(), { hooks: true });
    // Somebody with the right to do so hangs the team's hook, with its secret, on another repository.
    const body = await bodyOf(other);
    const secret = await secretOf(team);
    people().editTitle(team.at(1), 'Edited');
    await heard(team);
    const mine = delivered(team, 'issues');
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const headers = {
      'x-hub-signature-256': signature,
      'x-github-delivery': '11111111-2222-4333-8444-555555555556',
    };
    assert.equal((await send(mine, { headers, body })).status, 401);
  });
});

async function bodyOf(team: Team): Promise<string> {
  people().editTitle(team.at(1), 'Edited');
  await heard(team);
  return delivered(team, 'issues').body;
}

async function secretOf(team: Team): Promise<string> {
  const made = team.house.github.requests.find(
    ({ method, path, account }) => method === 'POST' && path.endsWith('/hooks') && account === team.bot.login,
  );
  const secret = /"secret":"([^"]+)"/.exec(JSON.stringify(made?.body))?.[1];
  return secret ?? assert.fail('no hook was made');
}
