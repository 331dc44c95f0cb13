import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CheckItem, CheckName, Connection, Send } from '../../src/ports/tracker.ts';
import { API_TOKEN, connectJira, KEY, openJira, openWay, PAT, renewed, TASK } from './jira-world.ts';
import type { JiraPlace, Opened } from './jira-world.ts';

const { signal } = new AbortController();

/** A way out that leads nowhere and brings this answer. */
function answering(json: unknown): Send {
  return async () => ({ status: 200, headers: new Headers(), json, text: '' });
}

describe('the access of an OAuth app', () => {
  const GRANT = { type: 'oauth2', clientId: 'app', clientSecret: 'app-secret', refreshToken: 'first' };
  let place: JiraPlace;
  let opened: Opened[];
  beforeEach(async () => {
    place = await openJira('cloud');
    place.simulator.world.addOAuthApp({
      clientId: 'app',
      clientSecret: 'app-secret',
      refreshToken: 'first',
      user: 'tmi-bot',
    });
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    await place.close();
  });

  it('is made from the refresh token, which is replaced each time', async () => {
    const { gatewayUrl } = place.simulator;
    const first = await renewed(gatewayUrl, GRANT, place.clock);
    assert.notEqual(first['refreshToken'], 'first');
    const { renewal } = connectJira(gatewayUrl, first);
    assert.equal(renewal?.expiresAt, first['accessExpiresAt']);
    assert.equal(renewal?.isRepeatable, false);
    const app = openWay(connectJira(gatewayUrl, first), place.clock);
    opened.push(app);
    const { bound, items } = await app.tracker.checkup(signal);
    assert.equal(bound?.account, 'tmi-bot');
    assert.deepEqual(
      items.filter(({ outcome }) => outcome === 'failed'),
      [],
    );
    await assert.rejects(renewed(gatewayUrl, GRANT, place.clock), { code: 'tracker-unauthorized' });
  });

  it('ends when somebody takes the grant back, and says what to do', async () => {
    const { gatewayUrl, world } = place.simulator;
    const first = await renewed(gatewayUrl, GRANT, place.clock);
    world.revokeGrant('app');
    await assert.rejects(renewed(gatewayUrl, first, place.clock), {
      code: 'tracker-unauthorized',
      message: /authorise the app again/,
    });
    const app = openWay(connectJira(gatewayUrl, first), place.clock);
    opened.push(app);
    await assert.rejects(app.tracker.project(signal), { code: 'tracker-unauthorized' });
  });

  it('finds the site of the settings by itself, and no other', async () => {
    const { url, gatewayUrl, world } = place.simulator;
    const { cloudId: _, ...first } = await renewed(gatewayUrl, GRANT, place.clock);
    const { renewal } = connectJira('https://acme.atlassian.net', first);
    assert.equal(renewal?.endpoint.apiRoot.href, 'https://api.atlassian.com/');
    const access = { authorization: `Bearer ${String(first['accessToken'])}` };
    const sites = await fetch(`${url}/oauth/token/accessible-resources`, { headers: access });
    const json: unknown = await sites.json();
    const now = place.clock.now();
    await assert.rejects(async () => renewal.renew(answering(json), now, signal), {
      message: /may not use acme\.atlassian\.net/,
    });
    const own = [{ id: world.cloudId, url: 'https://acme.atlassian.net' }];
    const found = await renewal.renew(answering(own), now, signal);
    assert.equal(found['cloudId'], world.cloudId);
    assert.equal(found['refreshToken'], first['refreshToken']);
    const gateway = connectJira('https://acme.atlassian.net', found);
    assert.equal(gateway.apiRoot.href, `https://api.atlassian.com/ex/jira/${world.cloudId}`);
    assert.equal(gateway.renewal?.expiresAt, first['accessExpiresAt']);
  });
});

async function lines(connection: Connection, place: JiraPlace): Promise<ReadonlyMap<CheckName, CheckItem>> {
  const { tracker, close } = openWay(connection, place.clock);
  const { items } = await tracker.checkup(signal);
  await close();
  for (const item of items) assert.ok(item.outcome === 'ok' || (item.remedy ?? '') !== '', item.name);
  return new Map(items.map((item) => [item.name, item]));
}

function outcomeOf(found: ReadonlyMap<CheckName, CheckItem>, name: CheckName): string {
  return `${found.get(name)?.outcome ?? ''}: ${found.get(name)?.detail ?? ''}`;
}

describe('a checkup of Jira', () => {
  let place: JiraPlace;
  afterEach(() => place.close());

  it('tells what can be mapped', async () => {
    place = await openJira('cloud');
    const found = await lines(place.connection, place);
    assert.match(outcomeOf(found, 'issue-type'), /^ok: .*Task/);
    assert.match(outcomeOf(found, 'priorities'), /^ok: .*Highest, High, Medium/);
    assert.match(outcomeOf(found, 'statuses'), /^ok: To do: Open \(\d+\)\. In progress: In Progress/);
    assert.match(outcomeOf(found, 'required-fields'), /^ok/);
    assert.match(outcomeOf(found, 'webhook'), /^warning: Jira Cloud lets no API token/);
    assert.match(found.get('webhook')?.remedy ?? '', /project = TM/);
  });

  it('names a required field that we cannot fill in, and fields that are off the screen', async () => {
    place = await openJira('cloud');
    const { world } = place.simulator;
    world.addField(KEY, { name: 'Customer', type: 'string', required: true });
    world.hideField(KEY, 'priority');
    world.hideField(KEY, 'labels');
    const found = await lines(place.connection, place);
    assert.match(outcomeOf(found, 'required-fields'), /^failed: .*Customer/);
    assert.match(outcomeOf(found, 'priorities'), /^warning: .*no Priority/);
    assert.match(outcomeOf(found, 'labels'), /^warning: .*no Labels/);
  });

  it('names missing permissions, each on its own line', async () => {
    place = await openJira('cloud');
    place.simulator.world.setPermissions(KEY, 'tmi-bot', ['BROWSE_PROJECTS', 'EDIT_ISSUES']);
    const found = await lines(place.connection, place);
    assert.match(outcomeOf(found, 'create-issues'), /^failed: .*CREATE_ISSUES, ADD_COMMENTS/);
    assert.match(outcomeOf(found, 'edit-issues'), /^ok/);
    assert.match(outcomeOf(found, 'close-issues'), /^failed: .*TRANSITION_ISSUES/);
  });

  it('says that a project is archived, public or not there', async () => {
    place = await openJira('cloud');
    const { world } = place.simulator;
    world.setPublic(KEY, true);
    assert.match(
      outcomeOf(await lines(place.connection, place), 'visibility'),
      /^warning: The project is public/,
    );
    world.archive(KEY);
    assert.match(outcomeOf(await lines(place.connection, place), 'project'), /^failed: .*archived/);
    world.setPublic(KEY, false);
    world.setPermissions(KEY, 'tmi-bot', []);
    assert.match(outcomeOf(await lines(place.connection, place), 'project'), /^failed: .*not found/);
  });

  it('says which issue types there are when the number is none of them', async () => {
    place = await openJira('data-center');
    const found = await lines(connectJira(place.simulator.url, { type: 'token', token: PAT }, '77'), place);
    assert.match(outcomeOf(found, 'issue-type'), /^failed: .*77; it has: .*10001 \(Task\)/);
  });

  it('tells one Jira from the other, and both from something else', async () => {
    place = await openJira('cloud');
    const server = connectJira(place.simulator.url, { type: 'token', token: PAT });
    assert.match(outcomeOf(await lines(server, place), 'reachable'), /^failed: .*Jira Cloud/);
    await place.close();
    place = await openJira('data-center');
    const elsewhere = connectJira(new URL(place.simulator.url).origin, { type: 'token', token: PAT });
    assert.match(outcomeOf(await lines(elsewhere, place), 'reachable'), /^failed: .*not as Jira does/);
  });

  it('takes a password on a Data Center, and says when it wants a captcha', async () => {
    place = await openJira('data-center');
    place.simulator.world.addUser({ name: 'tmi-bot', password: 'right' });
    const connect = (password: string): Connection =>
      connectJira(place.simulator.url, { type: 'basic', username: 'tmi-bot', password });
    assert.match(outcomeOf(await lines(connect('right'), place), 'token'), /^ok: .*tmi-bot/);
    for (let tries = 0; tries < 4; tries += 1) await lines(connect('wrong'), place);
    assert.match(outcomeOf(await lines(connect('right'), place), 'token'), /^failed: .*captcha/);
  });

  it('is not needed to see that a token ended: nothing is taken for hidden then', async () => {
    place = await openJira('cloud');
    const { world } = place.simulator;
    const { id, key } = world.openIssue({ project: KEY, summary: 'x' });
    world.revokeToken(API_TOKEN);
    const { tracker } = place;
    const refused = { code: 'tracker-unauthorized' };
    await assert.rejects(tracker.read([{ id, key }], signal), refused);
    await assert.rejects(tracker.find(key, signal), refused);
    await assert.rejects(tracker.findMarked(place.clock.now().toISOString(), signal), refused);
  });

  it('of a scoped token goes through the gateway', async () => {
    place = await openJira('cloud');
    const scopes = ['read:jira-work', 'write:jira-work', 'read:jira-user'];
    place.simulator.world.addUser({ name: 'tmi-bot', apiToken: 'scoped', scopes });
    const credentials = { type: 'basic', username: 'tmi-bot@example.com', password: 'scoped' };
    const found = await lines(connectJira(place.simulator.gatewayUrl, credentials, TASK), place);
    assert.match(outcomeOf(found, 'token'), /^ok/);
    assert.match(outcomeOf(found, 'visibility'), /^not-checked/);
    const plain = { ...credentials, password: API_TOKEN };
    const refused = await lines(connectJira(place.simulator.gatewayUrl, plain, TASK), place);
    assert.match(outcomeOf(refused, 'token'), /^failed/);
  });
});
