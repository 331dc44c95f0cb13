import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { IssueComment, IssueRef } from '../../src/domain/issue.ts';
import type { Tracker } from '../../src/ports/tracker.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const { signal } = new AbortController();
const ISSUES = 30;

describe('comments on many issues of a simulated GitLab', () => {
  let place: GitlabPlace;
  let refs: IssueRef[];
  beforeEach(async () => {
    place = await openGitlab();
    const { world } = place.simulator;
    refs = Array.from({ length: ISSUES }, (_, number) => {
      const { id, iid } = world.openIssue({ project: PROJECT, title: String(number) });
      return { id: String(id), key: String(iid) };
    });
    for (const { key } of refs.slice(0, 20)) {
      world.comment({ project: PROJECT, iid: Number(key) }, `first on ${key}`);
      // GitLab notes down what happened among the comments.
      world.addLabel({ project: PROJECT, iid: Number(key) }, 'x');
      world.comment({ project: PROJECT, iid: Number(key) }, `second on ${key}`);
    }
  });
  afterEach(() => place.close());

  /** What a run does: it looks at the project first. */
  async function read(
    tracker: Tracker,
  ): Promise<{ sent: string[]; comments: (IssueComment[] | undefined)[] }> {
    await tracker.project(signal);
    place.simulator.clearRequests();
    const outcomes = await tracker.read(refs, signal);
    const sent = place.simulator.requests.map(
      ({ method, path }) => `${method} ${path.replace(/\/\d+/g, '')}`,
    );
    const comments = refs.map(({ id }) => {
      const outcome = outcomes.get(id);
      return outcome?.kind === 'found' ? outcome.issue.comments?.slice() : undefined;
    });
    return { sent, comments };
  }

  it('are read in one request, with the words, times and authors that REST shows', async () => {
    const together = await read(place.tracker);
    assert.deepEqual(together.sent, ['GET /projects/issues', 'POST /api/graphql']);
    assert.deepEqual(
      together.comments.map((each) => each?.map(({ text }) => text)),
      refs.map(({ key }, index) => (index < 20 ? [`first on ${key}`, `second on ${key}`] : [])),
    );
    place.simulator.knobs.next({
      match: ({ path }) => path === '/api/graphql',
      answer: { status: 404 },
    });
    const each = await read(place.another());
    assert.equal(each.sent.length, 2 + 20);
    assert.deepEqual(each.comments, together.comments);
  });

  it('are read one by one where GraphQL is switched off, too old or too slow, and it is asked only once', async () => {
    const unknownArgument = { errors: [{ message: "Field 'notes' doesn't accept argument 'filter'" }] };
    for (const answer of [
      { status: 403, body: { errors: [{ message: 'API not accessible for user' }] } },
      { status: 200, body: unknownArgument },
      { status: 200, body: { data: { project: { issues: { nodes: [{ iid: '1', notes: null }] } } } } },
      'html',
    ] as const) {
      const tracker = place.another();
      const rule = place.simulator.knobs.next({
        match: ({ path }) => path === '/api/graphql',
        times: 2,
        answer,
      });
      const { sent, comments } = await read(tracker);
      assert.equal(sent.filter((path) => path === 'POST /api/graphql').length, 1);
      assert.equal(sent.filter((path) => path.endsWith('/notes')).length, 20);
      assert.equal(comments[0]?.length, 2);
      assert.ok(!(await read(tracker)).sent.includes('POST /api/graphql'));
      rule.cancel();
    }
  });

  it('are read one by one after a rename, until the new path is known', async () => {
    const { tracker } = place;
    await tracker.project(signal);
    place.simulator.world.renameProject(PROJECT, 'acme/billing');
    place.simulator.clearRequests();
    const outcomes = await tracker.read(refs, signal);
    const first = outcomes.get(refs[0]?.id ?? '');
    assert.equal(first?.kind === 'found' ? first.issue.comments?.length : 0, 2);
    assert.deepEqual((await read(tracker)).sent, ['GET /projects/issues', 'POST /api/graphql']);
  });

  it('of one issue take no second way', async () => {
    await place.tracker.project(signal);
    place.simulator.clearRequests();
    await place.tracker.read(refs.slice(19, 21), signal);
    assert.deepEqual(
      place.simulator.requests.map(({ path }) => path.split('/').at(-1)),
      ['issues', 'notes'],
    );
  });
});
