import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import { verify } from '@octokit/webhooks-methods';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import { githubSpec } from './github-spec.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';

const Client = Octokit.plugin(restEndpointMethods, paginateRest);
const shop = { owner: 'acme', repo: 'shop' };

for (const prefix of ['', '/api/v3'])
  describe(`GitHub's own client, with its base at "${prefix}"`, () => {
    let simulator: GithubSimulator;
    let receiver: HookReceiver;
    let octokit: InstanceType<typeof Client>;

    before(async () => {
      simulator = await startGithubSimulator();
      receiver = await startHookReceiver();
      simulator.world.addUser({ login: 'bot', token: 'bot-token' });
      simulator.world.addRepository({ owner: 'acme', name: 'shop', admin: ['bot'] });
      octokit = new Client({ baseUrl: simulator.url + prefix, auth: 'bot-token' });
    });
    after(async () => {
      await simulator.close();
      await receiver.close();
    });

    it('creates, reads, edits, closes, reopens, labels and comments an issue', async () => {
      const { data: created } = await octokit.rest.issues.create({
        ...shop,
        title: 'Token in a log',
        body: 'first',
        labels: ['threat-model'],
      });
      const issue_number = created.number;
      await octokit.rest.issues.update({ ...shop, issue_number, title: 'Token in the log', body: 'second' });
      await octokit.rest.issues.update({
        ...shop,
        issue_number,
        state: 'closed',
        state_reason: 'not_planned',
      });
      assert.equal(simulator.world.issue('acme', 'shop', issue_number).stateReason, 'not_planned');
      await octokit.rest.issues.update({ ...shop, issue_number, state: 'open' });
      await octokit.rest.issues.addLabels({ ...shop, issue_number, labels: ['tm-high'] });
      await octokit.rest.issues.removeLabel({ ...shop, issue_number, name: 'threat-model' });
      await octokit.rest.issues.createComment({ ...shop, issue_number, body: 'seen' });

      const { data: read } = await octokit.rest.issues.get({ ...shop, issue_number });
      assert.equal(read.title, 'Token in the log');
      assert.equal(read.body, 'second');
      assert.equal(read.state, 'open');
      assert.equal(read.state_reason, 'reopened');
      assert.equal(read.comments, 1);
      assert.deepEqual(simulator.world.issue('acme', 'shop', issue_number).labels, ['tm-high']);
    });

    it('pages through what changed since a moment', async () => {
      const since = new Date(Date.now() - 60_000).toISOString();
      for (let index = 0; index < 7; index += 1)
        simulator.world.openIssue({ ...shop, title: `Threat ${index}` });
      const found = await octokit.paginate(octokit.rest.issues.listForRepo, {
        ...shop,
        state: 'all',
        sort: 'updated',
        direction: 'asc',
        since,
        per_page: 3,
      });
      const numbers = found.map((issue) => issue.number);
      assert.equal(new Set(numbers).size, numbers.length);
      assert.equal(numbers.length, simulator.world.issues('acme', 'shop').length);
    });

    it('makes a hook, whose deliveries carry a signature that its library verifies', async () => {
      const { data: hook } = await octokit.rest.repos.createWebhook({
        ...shop,
        config: { url: receiver.url, content_type: 'json', secret: 'a quiet secret' },
        events: ['issues'],
      });
      assert.equal(hook.config.secret, '********');
      simulator.world.openIssue({ ...shop, title: 'Überraschung 🎉' });
      await simulator.settled();
      const opened = receiver.received.find(({ event }) => event === 'issues');
      assert.ok(opened !== undefined);
      assert.match(opened.userAgent, /^GitHub-Hookshot\//);
      assert.equal(await verify('a quiet secret', opened.body, opened.signature), true);
      assert.equal(await verify('another secret', opened.body, opened.signature), false);
      const { data: hooks } = await octokit.rest.repos.listWebhooks(shop);
      assert.deepEqual(
        hooks.map(({ id }) => id),
        [hook.id],
      );
      await octokit.rest.repos.deleteWebhook({ ...shop, hook_id: hook.id });
      assert.deepEqual(simulator.world.hooks('acme', 'shop'), []);
    });

    it('asks by GraphQL', async () => {
      const issue = simulator.world.openIssue({ ...shop, title: 'by id' });
      const answer: unknown = await octokit.graphql(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue { number title repository { visibility } } } }',
        { ids: [issue.nodeId] },
      );
      const expected = { number: issue.number, title: 'by id', repository: { visibility: 'PRIVATE' } };
      assert.deepEqual(answer, { nodes: [expected] });
    });

    it('sent and got only what GitHub describes', (test) => {
      const spec = githubSpec();
      if (spec === undefined) {
        test.skip('needs the folder shared/specs beside the checkout');
        return;
      }
      assert.deepEqual(spec.violations(simulator.requests), []);
    });
  });
