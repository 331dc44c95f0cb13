import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { CheckItem, CheckName, Send, Tracker, TrackerRequest } from '../../src/ports/tracker.ts';
import { github } from '../../src/providers/github/index.ts';
import { COMMENT_MARK, HOUR_MS, issueIn, MARK } from '../contract/stage.ts';
import { githubSpec } from '../simulators/github-spec.ts';
import { BOT, openGithubApp, SLUG } from './github-app-world.ts';
import type { GithubAppPlace } from './github-app-world.ts';
import { PLACE } from './github-world.ts';

const NEVER = new AbortController().signal;
const spec = githubSpec();

let place: GithubAppPlace;
beforeEach(async () => {
  place = await openGithubApp();
});
afterEach(async () => {
  const { requests } = place.simulator;
  await place.close();
  assert.deepEqual(spec?.violations(requests.filter((request) => !request.odd)) ?? [], []);
});

const messagesOf = (wrong: object): string =>
  github.credentials.safeParse({ ...place.credentials, ...wrong }).error?.message ?? '';

const pemOf = (type: 'pkcs1' | 'pkcs8', bits = 2048): string =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type, format: 'pem' }).toString();

const dead = (message: RegExp) => ({ code: 'tracker-unauthorized', message });

const block = () => ({
  mark: MARK,
  text: place.connection.format.block([{ kind: 'quote', text: 'words' }], 1000),
});

async function lineOf(name: CheckName, tracker: Tracker = place.another()): Promise<CheckItem> {
  const { items } = await tracker.checkup(NEVER);
  const found = items.find((item) => item.name === name);
  assert.ok(found);
  assert.ok(found.outcome === 'ok' || found.remedy !== undefined);
  return found;
}

describe('the credentials of a GitHub App', () => {
  it('are taken as GitHub gives them, numbers or text, and once more as they are stored', () => {
    const asText = { appId: '12', installationId: ' 34 ', privateKey: pemOf('pkcs8') };
    for (const each of [place.credentials, { ...place.credentials, ...asText }, place.renewed])
      assert.ok(github.credentials.safeParse(each).success);
    assert.deepEqual(github.credentials.parse(place.renewed), place.renewed);
    assert.equal(messagesOf({ appId: 'Iv23liABCDEFGHIJKLMN' }), '');
    assert.equal(messagesOf({ privateKey: pemOf('pkcs1').replaceAll('\n', '\\n') }), '');
  });

  it('are refused without a word of the key when they can never work', () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const wrongKeys = [
      pemOf('pkcs1', 1024),
      elliptic.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'SHA256:fingerprint',
    ];
    for (const privateKey of wrongKeys) {
      const message = messagesOf({ privateKey });
      assert.match(message, /must be a private key of the App/);
      assert.ok(!message.includes(privateKey.split('\n')[1] ?? privateKey));
    }
    for (const wrong of [{ appId: 'my-app' }, { installationId: 'acme/1' }, { token: 'ghp_x' }])
      assert.notEqual(messagesOf(wrong), '');
  });
});

describe('the access of a GitHub App', () => {
  it('is made from a proof of at most ten minutes, and lasts an hour', async () => {
    const sent: TrackerRequest[] = [];
    const first = place.connect(place.credentials);
    const made = first.connection.renewal;
    assert.ok(made);
    const way = first.open(made.endpoint);
    const watched: Send = (request, signal) => {
      sent.push(request);
      return way.send(request, signal);
    };
    await made.renew(watched, place.clock.now(), NEVER);
    assert.equal(sent[0]?.path, `/app/installations/${String(place.installationId)}/access_tokens`);
    const { iss, iat = 0, exp = 0 } = decodeJwt(sent[0].headers?.['authorization']?.split(' ')[1] ?? '');
    assert.equal(iss, String(place.credentials['appId']));
    assert.equal(exp - iat, 10 * 60);
    const seconds = place.clock.now().getTime() / 1000;
    assert.ok(seconds - iat >= 60 && seconds - iat < 120);
    const { renewal } = place.connection;
    assert.equal(renewal?.isRepeatable, true);
    const lifetime = Date.parse(renewal.expiresAt ?? '') - place.clock.now().getTime();
    assert.ok(lifetime > HOUR_MS - 60_000 && lifetime <= HOUR_MS);
    assert.equal(place.connect(place.credentials).connection.renewal?.expiresAt, undefined);
  });

  it('ends after its hour, and is made anew with the same key in either form', async () => {
    assert.equal((await place.tracker.project(NEVER)).visibility, 'private');
    place.clock.pass(HOUR_MS + 1000);
    await assert.rejects(place.tracker.project(NEVER), { code: 'tracker-unauthorized' });
    const pkcs8 = createPrivateKey(String(place.credentials['privateKey'])).export({
      type: 'pkcs8',
      format: 'pem',
    });
    const renewed = await place.renew({ ...place.renewed, privateKey: pkcs8.toString() });
    assert.notEqual(renewed['accessToken'], place.renewed['accessToken']);
    assert.equal((await place.connect(renewed).tracker.project(NEVER)).visibility, 'private');
  });

  it('is asked for again when an answer is lost, because one token more does no harm', async () => {
    place.simulator.knobs.next({
      match: ({ path }) => path.endsWith('/access_tokens'),
      when: 'after',
      answer: 'reset',
    });
    assert.ok((await place.renew())['accessToken']);
  });

  it('needs a person when the key, the App or the installation is dead', async () => {
    const { world } = place.simulator;
    await assert.rejects(place.renew({ ...place.credentials, appId: 1 }), dead(/Integration not found/));
    await assert.rejects(place.renew({ ...place.credentials, installationId: 1 }), dead(/installationId/));
    world.suspendApp(place.installationId);
    await assert.rejects(place.renew(), dead(/suspended.*Unsuspend/));
    const privateKey = world.addAppKey(SLUG);
    world.deleteAppKeys(SLUG);
    await assert.rejects(place.renew({ ...place.credentials, privateKey }), dead(/could not be decoded/));
  });

  it('waits where GitHub is only busy', async () => {
    const headers = { 'retry-after': '3600' };
    const body = { message: 'You have exceeded a secondary rate limit.' };
    place.simulator.knobs.next({ when: 'before', answer: { status: 403, body, headers } });
    await assert.rejects(place.renew(), { code: 'tracker-rate-limited' });
  });
});

describe('what a GitHub App writes', () => {
  it('is by its bot, the same account in REST, GraphQL and the connection test', async () => {
    const { bound } = await place.tracker.checkup(NEVER);
    assert.equal(bound?.account, BOT);
    const write = { kind: 'create', title: 'Threat', block: block(), labels: ['threat-model'] } as const;
    const issue = issueIn((await place.tracker.write([write], NEVER))[0]);
    assert.equal(issue.authorId, bound.accountId);
    assert.deepEqual(issue.labels, ['threat-model']);
    const comment = { kind: 'comment', ref: issue.ref, text: 'Which is it?', mark: COMMENT_MARK } as const;
    const commented = await place.tracker.write([comment], NEVER);
    assert.equal(commented[0]?.kind, 'written');
    for (const graphql of [true, false]) {
      place.simulator.knobs.graphql = graphql;
      const read = (await place.another().read([issue.ref], NEVER)).get(issue.ref.id);
      assert.ok(read?.kind === 'found');
      assert.equal(read.issue.authorId, bound.accountId);
      assert.deepEqual(
        read.issue.comments?.map(({ author }) => author),
        [BOT],
      );
    }
  });

  it('is found again by its mark, and what people copy is not', async () => {
    const since = place.clock.now().toISOString();
    const write = { kind: 'create', title: 'Threat', block: block(), labels: [] } as const;
    const { ref, body } = issueIn((await place.tracker.write([write], NEVER))[0]);
    place.simulator.world.openIssue({ ...PLACE, title: 'A copy', body });
    await place.tracker.write([{ kind: 'comment', ref, text: 'Which is it?', mark: COMMENT_MARK }], NEVER);
    const tracker = place.another();
    const found = await tracker.findMarked(since, NEVER);
    assert.deepEqual(
      found.get(MARK)?.map((issue) => issue.ref),
      [ref],
    );
    assert.equal((await tracker.findComments(ref, since, NEVER)).size, 1);
  });
});

describe('the connection test of a GitHub App', () => {
  it('is five requests, and all is well where the App may write issues and webhooks', async () => {
    place.simulator.clearRequests();
    const { items } = await place.tracker.checkup(NEVER);
    assert.equal(place.simulator.requests.length, 5);
    // Without an issue nothing shows whether there are sub-issues.
    assert.deepEqual(
      items.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name),
      ['tls', 'hierarchy'],
    );
    assert.match((await lineOf('token')).detail, /The App tmi writes as tmi\[bot\]/);
    assert.match((await lineOf('scopes')).detail, /issues write/);
  });

  it('tells permissions that are missing from an App that was suspended, uninstalled or withdrawn', async () => {
    const { world } = place.simulator;
    world.withdrawApp(place.installationId, PLACE.repo);
    assert.equal((await lineOf('project')).outcome, 'failed');
    world.suspendApp(place.installationId);
    assert.match((await lineOf('token')).remedy ?? '', /Unsuspend/);
    world.uninstallApp(place.installationId);
    assert.match((await lineOf('token')).remedy ?? '', /installationId/);
    world.deleteAppKeys(SLUG);
    assert.match((await lineOf('token')).remedy ?? '', /private key/);
    assert.equal((await lineOf('reachable')).outcome, 'ok');
  });

  it('names the permissions that an App lacks, or has too many of', async () => {
    const poor = await openGithubApp({ metadata: 'read', issues: 'read' });
    try {
      for (const name of ['scopes', 'create-issues', 'labels'] as const)
        assert.equal((await lineOf(name, poor.another())).outcome, 'failed');
      const webhook = await lineOf('webhook', poor.another());
      assert.equal(webhook.outcome, 'warning');
      assert.match(webhook.remedy ?? '', /Webhooks \(read and write\)/);
    } finally {
      await poor.close();
    }
    const rich = await openGithubApp({
      metadata: 'read',
      issues: 'write',
      contents: 'write',
      repository_hooks: 'write',
    });
    try {
      assert.match((await lineOf('scopes', rich.tracker)).detail, /more than we need: contents/);
    } finally {
      await rich.close();
    }
  });
});
