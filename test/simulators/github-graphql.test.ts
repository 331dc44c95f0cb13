import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import { githubClient } from './github-client.ts';
import { githubSpec } from './github-spec.ts';

const shop = { owner: 'acme', repo: 'shop' };

const READ = /* GraphQL */ `
  query ($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Issue {
        id
        number
        title
        body
        state
        stateReason(enableDuplicate: true)
        lastEditedAt
        labels(first: 100) {
          nodes {
            name
          }
        }
        assignees(first: 10) {
          nodes {
            login
            name
          }
        }
        author {
          login
          ... on User {
            databaseId
          }
        }
        milestone {
          dueOn
        }
        repository {
          databaseId
          nameWithOwner
          visibility
        }
        comments(last: 2) {
          totalCount
          nodes {
            author {
              login
            }
            body
            lastEditedAt
          }
        }
        userContentEdits(first: 5) {
          totalCount
          nodes {
            editor {
              login
            }
            diff
          }
        }
      }
    }
  }
`;

function said(body: string): unknown {
  return { author: { login: 'bob' }, body, lastEditedAt: null };
}

function labels(page: string): string {
  return `{ repository(owner: "acme", name: "shop") { issue(number: 1) { labels${page} { totalCount } } } }`;
}

describe("the simulator's GraphQL", () => {
  let simulator: GithubSimulator;
  const now = new Date('2026-03-01T10:00:00Z');

  beforeEach(async () => {
    simulator = await startGithubSimulator({ now: () => now, limits: { perHour: 3 } });
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addRepository({ owner: 'acme', name: 'shop', push: ['bot'] });
  });
  afterEach(() => simulator.close());

  async function ask(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
    const bot = githubClient(simulator.url, 'bot-token');
    const answer = await bot.post(`${simulator.url}/api/graphql`, { query, variables });
    assert.equal(answer.status, 200);
    return answer.json;
  }

  it('reads an issue by its global id, with everything on it', async () => {
    const { world } = simulator;
    const { id } = world.addRepository({ owner: 'acme', name: 'lab', push: ['bot'], visibility: 'public' });
    const lab = { owner: 'acme', repo: 'lab' };
    const issue = world.openIssue({ ...lab, title: 'a', body: 'b', labels: ['bug'], by: 'ann' });
    const ann = world.addUser({ login: 'ann', token: 'ann-token', name: 'Ann' });
    for (const body of ['one', 'two', 'three']) world.comment(issue, body, 'bob');
    world.editBody(issue, 'c', 'bob');
    world.assign(issue, ['ann']);
    world.setMilestone(issue, { title: 'Q4', dueOn: '2026-12-31' });
    world.close(issue, 'duplicate');
    assert.deepEqual(await ask(READ, { ids: [issue.nodeId] }), {
      data: {
        nodes: [
          {
            id: issue.nodeId,
            number: 1,
            title: 'a',
            body: 'c',
            state: 'CLOSED',
            stateReason: 'DUPLICATE',
            lastEditedAt: '2026-03-01T10:00:00Z',
            labels: { nodes: [{ name: 'bug' }] },
            assignees: { nodes: [{ login: 'ann', name: 'Ann' }] },
            author: { login: 'ann', databaseId: ann.id },
            milestone: { dueOn: '2026-12-31T00:00:00Z' },
            repository: { databaseId: id, nameWithOwner: 'acme/lab', visibility: 'PUBLIC' },
            comments: { totalCount: 3, nodes: [said('two'), said('three')] },
            userContentEdits: {
              totalCount: 2,
              nodes: [
                { editor: { login: 'bob' }, diff: 'c' },
                { editor: { login: 'ann' }, diff: 'b' },
              ],
            },
          },
        ],
      },
    });
    assert.deepEqual(githubSpec()?.violations(simulator.requests) ?? [], []);
  });

  it('gives null and NOT_FOUND for what is deleted or hidden, and the rest all the same', async () => {
    const { world } = simulator;
    world.addRepository({ owner: 'acme', name: 'vault' });
    const kept = world.openIssue({ ...shop, title: 'kept' });
    const deleted = world.openIssue({ ...shop, title: 'deleted' });
    const hidden = world.openIssue({ owner: 'acme', repo: 'vault', title: 'hidden' });
    world.deleteIssue(deleted);
    const ids = [deleted.nodeId, kept.nodeId, hidden.nodeId];
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const missing = (index: number): unknown => ({
      type: 'NOT_FOUND',
      path: ['nodes', index],
      locations: [{ line: 1, column: 24 }],
      message: `Could not resolve to a node with the global id of '${ids[index]}'.`,
    });
    assert.deepEqual(await ask(query, { ids }), {
      data: { nodes: [null, { id: kept.nodeId }, null] },
      errors: [missing(0), missing(2)],
    });
  });

  it('shows a duplicate as not planned to clients that do not ask for duplicates', async () => {
    const issue = simulator.world.openIssue({ ...shop, title: 'a' });
    simulator.world.close(issue, 'duplicate');
    const query = '{ repository(owner: "acme", name: "shop") { issue(number: 1) { stateReason } } }';
    assert.deepEqual(await ask(query), { data: { repository: { issue: { stateReason: 'NOT_PLANNED' } } } });
  });

  it('says with status 200 that the limit of the hour is reached', async () => {
    for (let index = 0; index < 3; index += 1) await ask('{ viewer { login } }');
    const refused = JSON.stringify(await ask('{ viewer { login } }'));
    assert.match(refused, /^\{"errors":\[\{"type":"RATE_LIMITED","message":"API rate limit exceeded/);
  });

  it('wants first or last, from 1 to 100, and at most 100 ids', async () => {
    simulator.world.openIssue({ ...shop, title: 'a' });
    assert.match(JSON.stringify(await ask(labels(''))), /MISSING_PAGINATION_BOUNDARIES/);
    assert.match(JSON.stringify(await ask(labels('(first: 101)'))), /EXCESSIVE_PAGINATION/);
    const ids = Array.from({ length: 101 }, (_, index) => `I_${index}`);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    assert.match(JSON.stringify(await ask(query, { ids })), /ARGUMENT_LIMIT/);
  });
});
