import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { Flavour, JiraSimulator } from '../../simulators/jira/index.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import { becomes, house } from '../sync/house.ts';
import { newTeam } from '../sync/team.ts';
import type { Team } from '../sync/team.ts';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';

const THREATS = 12;
const given = house();

async function sync(team: Team): Promise<void> {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
}

async function keyOf(team: Team, number: number): Promise<string> {
  const { issue } = await team.link(number);
  assert.ok(issue);
  return issue.key;
}

for (const flavour of ['data-center', 'cloud'] satisfies Flavour[])
  describe(`the whole way to a simulated Jira ${flavour} and back`, () => {
    let jira: JiraSimulator;
    let projects = 0;
    before(async () => {
      const { clock } = given();
      jira = await startJiraSimulator({ flavour, now: () => clock.now() });
    });
    after(() => jira.close());

    /** On loopback Jira Cloud is known by its gateway, which takes apps. */
    async function newJiraTeam(more: Partial<IntegrationInput> = {}): Promise<{ team: Team; key: string }> {
      projects += 1;
      const number = String(projects);
      const key = `FLOW${number}`;
      const bot = `bot-${number}`;
      jira.world.addUser({ name: bot, admin: true, personalAccessToken: `pat-${number}` });
      jira.world.addUser({ name: 'mona' });
      const { issueTypes } = jira.world.addProject({
        key,
        workflow: 'resolution-screen',
        members: [bot, 'mona'],
      });
      const grant = { clientId: `app-${number}`, clientSecret: 'shh', refreshToken: `first-${number}` };
      if (flavour === 'cloud') jira.world.addOAuthApp({ ...grant, user: bot });
      const team = await newTeam(given(), {
        threats: Array.from({ length: THREATS }, (_, index) => ({ id: `t${String(index)}` })),
        integration: {
          name: key,
          provider: 'jira',
          config: {
            baseUrl: flavour === 'cloud' ? jira.gatewayUrl : jira.url,
            projectKey: key,
            issueTypeId: issueTypes['Task'] ?? '',
            webhookUrl: given().url(),
          },
          credentials:
            flavour === 'cloud' ? { type: 'oauth2', ...grant } : { type: 'token', token: `pat-${number}` },
          ...more,
        },
      });
      return { team, key };
    }

    function writes(): string[] {
      return jira.requests
        .filter(({ method, path }) => method !== 'GET' && !/search|bulkfetch|oauth|webhook/.test(path))
        .map(({ method, path }) => `${method} ${path}`);
    }

    it('makes an issue for each threat with few calls, and a second sync writes nothing', async () => {
      const { team, key } = await newJiraTeam();
      jira.clearRequests();
      await sync(team);
      const issues = jira.world.issues(key);
      assert.equal(issues.length, THREATS);
      const sent = writes();
      assert.ok(sent.length <= 2 && sent.every((each) => each.endsWith('/issue/bulk')), sent.join());
      assert.ok(issues.every(({ labels }) => labels.includes('threat-model')));
      jira.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), []);
      assert.deepEqual(jira.world.executed(), []);
    });

    it('puts new issues under an epic of their model with hardly a request more', async () => {
      const { team, key } = await newJiraTeam({ parent: { kind: 'model' } });
      jira.clearRequests();
      await sync(team);
      const issues = jira.world.issues(key);
      const epics = issues.filter(({ type }) => type === 'Epic');
      assert.equal(epics.length, 1);
      assert.equal(epics[0]?.summary, `Threat model: ${team.place.owner}`);
      const parents = issues.filter(({ type }) => type === 'Task').map(({ parent }) => parent);
      assert.deepEqual(
        parents,
        parents.map(() => epics[0]?.key),
      );
      assert.equal(issues.length, THREATS + 1);
      // The epic, and the rest as without one.
      assert.ok(writes().length <= 3, writes().join());
      jira.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), []);
    });

    it('takes in issues that are there, links what may not stand there, and leaves what people have placed', async () => {
      const { team, key } = await newJiraTeam();
      await sync(team);
      const other = jira.world.openIssue({ project: key, summary: 'Epic of people', type: 'Epic' });
      const [first, second] = jira.world.issues(key);
      jira.world.setParent(first?.key ?? '', other.key);
      await given()
        .useCases()
        .integrations.change(team.caller, team.integrationId, {
          parent: { kind: 'issue', key: second?.key ?? '' },
        });
      await team.settled();
      const placed = jira.world.issues(key).filter((issue) => issue.key !== other.key);
      assert.deepEqual(
        placed.map(({ parent, links }) => [parent, links.length]),
        placed.map(({ key: own }) => {
          if (own === first?.key) return [other.key, 1];
          return [null, own === second?.key ? THREATS - 1 : 1];
        }),
      );
      const { parent } = await given().useCases().integrations.status(team.caller, team.integrationId);
      assert.equal(parent?.state, 'degraded');
      jira.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), []);
    });

    it('brings back what people do, and carries out what the threats say', async () => {
      const { team, key } = await newJiraTeam();
      await sync(team);
      const keys = await Promise.all([1, 2, 3, 4, 5].map((number) => keyOf(team, number)));
      const [first = '', second = '', third = '', fourth = '', fifth = ''] = keys;
      const statusOf = async (number: number): Promise<string> => (await team.threat(number)).status;
      jira.world.setStatus(first, 'Resolved');
      jira.world.addLabel(second, 'tm-accepted');
      jira.world.setStatus(second, 'Closed', { resolution: "Won't Do" });
      jira.world.setStatus(third, 'In Progress');
      jira.world.comment(
        third,
        flavour === 'cloud'
          ? {
              type: 'doc',
              version: 1,
              content: [{ type: 'paragraph', content: [{ type: 'text', text: 'x' }] }],
            }
          : 'x',
      );
      await jira.settled();
      await sync(team);
      await becomes(() => statusOf(1), 'mitigated', 'the threat of the resolved issue');
      await becomes(() => statusOf(2), 'accepted', 'the threat of the accepted issue');
      await becomes(() => statusOf(3), 'mitigating', 'the threat in progress');
      // More than four changes of a status within an hour would wait for a person.
      given().clock.ahead(TIMINGS.brakeWindowMs + 1000);
      await team.patch(4, { status: 'mitigated' });
      await team.patch(5, { status: 'transferred', justification: 'insured' });
      await team.settled();
      assert.equal(jira.world.issue(fourth).resolution, 'Done');
      const transferred = jira.world.issue(fifth);
      assert.deepEqual(
        [transferred.resolution, transferred.labels.includes('tm-transferred')],
        ["Won't Do", true],
      );
      given().clock.ahead(TIMINGS.brakeWindowMs + 1000);
      await team.patch(5, { status: 'identified' });
      await team.settled();
      const reopened = jira.world.issue(fifth);
      assert.deepEqual([reopened.status, reopened.labels.includes('tm-transferred')], ['Open', false]);
      jira.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), []);
      assert.equal(jira.world.issues(key).length, THREATS);
    });

    if (flavour === 'cloud')
      it('leaves an issue alone whose writes are limited, and goes on with the others', async () => {
        const { team } = await newJiraTeam();
        await sync(team);
        const [limited, other] = await Promise.all([keyOf(team, 1), keyOf(team, 2)]);
        const { issue } = await team.link(1);
        const limit = jira.knobs.next({
          match: ({ method, path }) => method === 'POST' && path.includes(`/issue/${issue?.id ?? ''}/`),
          times: Infinity,
          answer: {
            status: 429,
            headers: { 'retry-after': '60', 'ratelimit-reason': 'jira-per-issue-on-write' },
          },
        });
        for (const number of [1, 2]) await team.patch(number, { status: 'mitigated' });
        await team.settled();
        const run = await team.sync();
        assert.equal(run.state, 'completed', run.error?.message);
        assert.deepEqual(
          [jira.world.issue(limited).resolution, jira.world.issue(other).resolution],
          [null, 'Done'],
        );
        limit.cancel();
        await team.passes(TIMINGS.leaseMs * 2);
        assert.equal(jira.world.issue(limited).resolution, 'Done');
      });

    it('proves its deliveries', async () => {
      const { team, key } = await newJiraTeam();
      await sync(team);
      const issue = await keyOf(team, 1);
      jira.world.setStatus(issue, 'Resolved');
      await jira.settled();
      const hook = jira.world.hooks().find(({ jql }) => jql.includes(key));
      assert.ok(hook !== undefined && hook.url.includes('/webhooks/jira/'));
      const codes = hook.deliveries.map(({ statusCode }) => statusCode);
      assert.ok(codes.length > 0);
      assert.deepEqual(new Set(codes), new Set([202]));
    });
  });
