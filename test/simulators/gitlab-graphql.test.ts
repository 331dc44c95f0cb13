import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabSimulator } from '../../simulators/gitlab/index.ts';
import { gitlabClient } from './gitlab-client.ts';

const PROJECT = 'acme/payments';
const QUERY = `query($path: ID!, $iids: [String!]) {
  project(fullPath: $path) {
    issues(iids: $iids, first: 500) {
      count
      nodes { id iid notes(last: 2, filter: ONLY_COMMENTS) { count nodes { id body system createdAt } pageInfo { hasPreviousPage } } }
    }
  }
}`;

/** https://docs.gitlab.com/api/graphql/reference/ */
describe('the GraphQL of a simulated GitLab', () => {
  let simulator: GitlabSimulator;
  beforeEach(async () => {
    simulator = await startGitlabSimulator();
    simulator.world.addUser({ username: 'mona' });
    simulator.world.addProject({ path: PROJECT, members: { mona: 'developer' } });
    simulator.world.addProjectToken(PROJECT, { token: 'glpat-in', role: 'reporter' });
  });
  afterEach(() => simulator.close());

  async function ask(variables: object, token?: string) {
    const { status, json } = await gitlabClient(simulator.url, token).post(`${simulator.url}/api/graphql`, {
      query: QUERY,
      variables,
    });
    return { status, json };
  }

  it('shows issues by number with their newest comments, oldest first and without fractions of a second', async () => {
    for (let number = 1; number <= 3; number += 1)
      simulator.world.openIssue({ project: PROJECT, title: String(number) });
    for (const word of ['a', 'b', 'c']) simulator.world.comment({ project: PROJECT, iid: 2 }, word);
    simulator.world.addLabel({ project: PROJECT, iid: 2 }, 'x');
    const { json } = await ask({ path: PROJECT, iids: ['1', '2'] }, 'glpat-in');
    const { issues } = Object(json).data.project;
    assert.deepEqual(
      issues.nodes.map((node: { iid: string; notes: { count: number; nodes: { body: string }[] } }) => [
        node.iid,
        node.notes.count,
        node.notes.nodes.map(({ body }) => body),
      ]),
      [
        ['2', 3, ['b', 'c']],
        ['1', 0, []],
      ],
    );
    const [commented] = issues.nodes;
    assert.equal(commented.notes.pageInfo.hasPreviousPage, true);
    assert.match(commented.notes.nodes[0].id, /^gid:\/\/gitlab\/Note\/\d+$/);
    assert.match(commented.notes.nodes[0].createdAt, /T\d\d:\d\d:\d\dZ$/);
  });

  it('hides what the caller may not see, knows projects by path only, and refuses a bad token', async () => {
    const nothing = { data: { project: null } };
    assert.deepEqual(await ask({ path: PROJECT }), { status: 200, json: nothing });
    const number = simulator.world.addProject({ path: 'acme/other', members: { mona: 'developer' } });
    assert.deepEqual((await ask({ path: String(number) }, 'glpat-in')).json, nothing);
    assert.deepEqual((await ask({ path: 'acme/other' }, 'glpat-in')).json, nothing);
    const refused = await ask({ path: PROJECT }, 'glpat-unknown');
    assert.deepEqual(refused, { status: 401, json: { errors: [{ message: 'Invalid token' }] } });
  });

  it('shows a hundred at most on a page, and says what is wrong with a query', async () => {
    for (let number = 1; number <= 120; number += 1)
      simulator.world.openIssue({ project: PROJECT, title: String(number) });
    const { json } = await ask({ path: PROJECT }, 'glpat-in');
    const { issues } = Object(json).data.project;
    assert.deepEqual([issues.count, issues.nodes.length], [120, 100]);
    const wrong = await ask({}, 'glpat-in');
    assert.equal(wrong.status, 200);
    assert.equal(Object(wrong.json).errors.length, 1);
  });
});
