import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { GitlabSimulator } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import { gitlabSpec } from './gitlab-spec.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import { loadClient, withoutClients } from './other-clients.ts';

type Call = (...args: unknown[]) => Promise<unknown>;
type Resource = Readonly<Record<string, Call>>;
type Gitbeaker = Readonly<
  Record<
    'Issues' | 'IssueNotes' | 'IssueStateEvents' | 'ProjectHooks' | 'ProjectLabels' | 'Users' | 'Metadata',
    Resource
  >
>;
const Module = z.object({
  Gitlab: z.custom<new (options: object) => Gitbeaker>((value) => typeof value === 'function'),
});
const Issue = z.object({
  id: z.number(),
  iid: z.number(),
  title: z.string(),
  state: z.string(),
  labels: z.array(z.string()),
});
const Issues = z.array(Issue);
const Numbered = z.object({ id: z.number() });

const SIGNING = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

for (const relativeRoot of ['', '/gitlab'])
  describe(`gitbeaker, with GitLab at "${relativeRoot}/"`, { skip: withoutClients }, () => {
    let simulator: GitlabSimulator;
    let receiver: HookReceiver;
    let api: Gitbeaker;
    let project: number;

    before(async () => {
      simulator = await startGitlabSimulator({ relativeRoot });
      receiver = await startHookReceiver();
      const { world } = simulator;
      world.addUser({ username: 'bot', token: 'bot-token' });
      project = world.addProject({ path: 'acme/shop', members: { bot: 'owner' } });
      const { Gitlab } = Module.parse(await loadClient('@gitbeaker/rest', 'dist/index.mjs'));
      api = new Gitlab({ host: simulator.url, token: 'bot-token' });
    });
    after(async () => {
      await simulator.close();
      await receiver.close();
    });

    const call = (resource: keyof Gitbeaker, method: string, ...args: unknown[]): Promise<unknown> => {
      const found = api[resource][method];
      if (found === undefined) throw new Error(`gitbeaker has no ${resource}.${method}`);
      return found.apply(api[resource], args);
    };

    it('knows who it is and what it talks to', async () => {
      const user = z.object({ username: z.string() }).parse(await call('Users', 'showCurrentUser'));
      assert.equal(user.username, 'bot');
      const metadata = z.object({ version: z.string() }).parse(await call('Metadata', 'show'));
      assert.equal(metadata.version, '19.4.0-ee');
    });

    it('creates, reads, edits, closes, reopens, labels, comments and deletes an issue', async () => {
      const options = { description: 'first', labels: 'threat-model,tm-1' };
      const { iid } = Issue.parse(await call('Issues', 'create', project, 'Token in a log', options));
      await call('Issues', 'edit', project, iid, { title: 'Token in the log', description: 'second' });
      await call('Issues', 'edit', project, iid, { stateEvent: 'close' });
      assert.equal(simulator.world.issue('acme/shop', iid).state, 'closed');
      await call('Issues', 'edit', project, iid, { stateEvent: 'reopen' });
      await call('Issues', 'edit', project, iid, { addLabels: 'high', removeLabels: 'tm-1' });
      await call('IssueNotes', 'create', project, iid, 'seen');
      const read = Issue.parse(await call('Issues', 'show', iid, { projectId: project }));
      assert.deepEqual(
        { title: read.title, state: read.state, labels: read.labels },
        { title: 'Token in the log', state: 'opened', labels: ['high', 'threat-model'] },
      );
      const events = await call('IssueStateEvents', 'all', project, iid);
      assert.deepEqual(
        z
          .array(z.object({ state: z.string() }))
          .parse(events)
          .map(({ state }) => state),
        ['closed', 'reopened'],
      );
      const notes = await call('IssueNotes', 'all', project, iid, { sort: 'asc' });
      assert.ok(
        z
          .array(z.object({ body: z.string() }))
          .parse(notes)
          .some(({ body }) => body === 'seen'),
      );
      await call('Issues', 'remove', project, iid);
      await assert.rejects(call('Issues', 'show', iid, { projectId: project }), /404 Not found/);
    });

    it('pages through what changed since a moment, by number and by key', async () => {
      const updatedAfter = new Date(Date.now() - 60_000).toISOString();
      for (let index = 0; index < 7; index += 1)
        simulator.world.openIssue({ project: 'acme/shop', title: `Threat ${index}` });
      const order = { orderBy: 'updated_at', sort: 'asc', scope: 'all', state: 'all', perPage: 3 };
      for (const pagination of ['offset', 'keyset']) {
        const wish = { projectId: project, updatedAfter, pagination, ...order };
        const found = Issues.parse(await call('Issues', 'all', wish));
        const titles = found.map(({ title }) => title);
        assert.deepEqual(
          titles,
          simulator.world.issues('acme/shop').map(({ title }) => title),
          pagination,
        );
      }
    });

    it('makes, lists and removes a hook, whose deliveries are signed', async () => {
      const options = { issuesEvents: true, pushEvents: false, token: 'plain', signingToken: SIGNING };
      const hook = Numbered.parse(await call('ProjectHooks', 'add', project, receiver.url, options));
      simulator.world.openIssue({ project: 'acme/shop', title: 'Überraschung 🎉' });
      await simulator.settled();
      const [delivery] = receiver.received;
      assert.ok(delivery !== undefined);
      const { headers, body } = delivery;
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const digest = createHmac('sha256', Buffer.alloc(32, 3)).update(signed).digest('base64');
      assert.equal(headers['webhook-signature'], `v1,${digest}`);
      assert.equal(headers['webhook-id'], headers['idempotency-key']);
      assert.equal(headers['x-gitlab-token'], 'plain');
      const listed = z.array(Numbered).parse(await call('ProjectHooks', 'all', project));
      assert.deepEqual(
        listed.map(({ id }) => id),
        [hook.id],
      );
      await call('ProjectHooks', 'remove', project, hook.id);
      assert.deepEqual(simulator.world.hooks('acme/shop'), []);
    });

    it('manages labels', async () => {
      await call('ProjectLabels', 'create', project, 'threat', '#cc0000');
      const labels = z
        .array(z.object({ name: z.string() }))
        .parse(await call('ProjectLabels', 'all', project));
      assert.ok(labels.some(({ name }) => name === 'threat'));
    });

    it('sent and got only what GitLab describes', (test) => {
      const spec = gitlabSpec();
      if (spec === undefined) {
        test.skip('needs the folder shared/specs beside the checkout');
        return;
      }
      assert.deepEqual(spec.violations(simulator.requests), []);
    });
  });
