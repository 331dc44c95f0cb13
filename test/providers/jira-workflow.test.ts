import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Issue, IssueChange, WriteOutcome } from '../../src/domain/issue.ts';
import { KEY, openJira } from './jira-world.ts';
import type { JiraPlace } from './jira-world.ts';

const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const { signal } = new AbortController();

interface Stage {
  readonly place: JiraPlace;
  create(): Promise<Issue>;
  move(issue: Issue, status: NonNullable<IssueChange['status']>): Promise<WriteOutcome>;
  transitions(): number;
}

function stageFor(workflow: 'simple' | 'four-step' | 'resolution-screen' | 'team-managed'): Stage {
  let opened: JiraPlace | undefined;
  beforeEach(async () => {
    opened = await openJira('cloud', { workflow });
  });
  afterEach(() => opened?.close());
  const now = (): JiraPlace => {
    if (opened === undefined) throw new Error('the place is opened before each test');
    return opened;
  };
  return {
    get place() {
      return now();
    },
    async create() {
      const block = { mark: MARK, text: 'words' };
      const [outcome] = await now().tracker.write(
        [{ kind: 'create', title: 'x', block, labels: [] }],
        signal,
      );
      assert.ok(outcome?.kind === 'written' && outcome.issue);
      return outcome.issue;
    },
    async move(issue, status) {
      const seenAt = now().clock.now().toISOString();
      const change = { status };
      const [outcome] = await now().tracker.write(
        [{ kind: 'update', ref: issue.ref, seen: issue, seenAt, change }],
        signal,
      );
      assert.ok(outcome);
      return outcome;
    },
    transitions: () =>
      now().simulator.requests.filter(
        ({ method, path, status }) => method === 'POST' && path.endsWith('/transitions') && status === 204,
      ).length,
  };
}

function isOffer({ method, path }: { method: string; path: string }): boolean {
  return method === 'GET' && path.endsWith('/transitions');
}

function issueIn(outcome: WriteOutcome): Issue {
  assert.ok(outcome.kind === 'written' && outcome.issue, JSON.stringify(outcome));
  assert.equal(outcome.unwritten, undefined, JSON.stringify(outcome.unwritten));
  return outcome.issue;
}

describe('a workflow of many steps', () => {
  const stage = stageFor('four-step');

  it('is walked to its end, though nobody has gone there before', async () => {
    const closed = issueIn(await stage.move(await stage.create(), { category: 'done' }));
    assert.equal(closed.status.name, 'Closed (Done)');
    assert.equal(stage.transitions(), 4);
    const reopened = issueIn(await stage.move(closed, { category: 'open' }));
    assert.equal(reopened.status.name, 'Open');
  });

  it('is learned from other issues before anything moves', async () => {
    const { world } = stage.place.simulator;
    for (const status of ['In Analysis', 'In Progress', 'In Review']) {
      const { key } = world.openIssue({ project: KEY, summary: status });
      world.setStatus(key, status);
    }
    const issue = await stage.create();
    stage.place.simulator.clearRequests();
    const closed = issueIn(await stage.move(issue, { category: 'done' }));
    assert.equal(closed.status.category, 'done');
    assert.equal(stage.transitions(), 4);
  });

  it('stops at the first status that is wanted', async () => {
    const active = issueIn(await stage.move(await stage.create(), { category: 'active' }));
    assert.equal(active.status.name, 'In Analysis');
  });

  it('leads to a status that the mapping names', async () => {
    const { world } = stage.place.simulator;
    const { key } = world.openIssue({ project: KEY, summary: 'sample' });
    world.setStatus(key, 'In Review');
    const found = await stage.place.tracker.find(key, signal);
    assert.ok(found);
    const there = issueIn(
      await stage.move(await stage.create(), { category: 'active', id: found.status.id }),
    );
    assert.equal(there.status.name, 'In Review');
  });

  it('is said to lead nowhere, and the rest of the change is written', async () => {
    const issue = await stage.create();
    const seenAt = stage.place.clock.now().toISOString();
    const change = { title: 'Renamed', status: { category: 'done', id: '99999' } } as const;
    const [outcome] = await stage.place.tracker.write(
      [{ kind: 'update', ref: issue.ref, seen: issue, seenAt, change }],
      signal,
    );
    assert.ok(outcome?.kind === 'written');
    assert.equal(outcome.issue?.title, 'Renamed');
    const [missing] = outcome.unwritten ?? [];
    assert.equal(missing?.code, 'no-path');
    assert.match(missing.reason, /from Open to the status 99999: .*"Analyse" to In Analysis/);
    assert.equal(stage.transitions(), 0);
  });
});

describe('a workflow that asks for a resolution', () => {
  const stage = stageFor('resolution-screen');

  it('is told done from dropped, and changes its mind', async () => {
    const done = issueIn(await stage.move(await stage.create(), { category: 'done' }));
    assert.equal(stage.place.simulator.world.issue(done.ref.id).resolution, 'Done');
    const dropped = issueIn(await stage.move(done, { category: 'dropped' }));
    assert.equal(dropped.status.category, 'dropped');
    assert.equal(stage.place.simulator.world.issue(done.ref.id).resolution, "Won't Do");
    assert.equal(issueIn(await stage.move(dropped, { category: 'done' })).status.category, 'done');
  });

  it('says which field of a screen it is that we cannot fill in', async () => {
    const issue = await stage.create();
    const fields = {
      transitions: [
        {
          id: '5',
          name: 'Resolve',
          to: { id: '10002', name: 'Resolved', statusCategory: { key: 'done' } },
          fields: { customfield_1: { required: true, name: 'Root cause', hasDefaultValue: false } },
        },
      ],
    };
    const { knobs } = stage.place.simulator;
    knobs.next({
      match: ({ method, path }) => method === 'GET' && path.endsWith('/transitions'),
      answer: { status: 200, body: fields },
    });
    const outcome = await stage.move(issue, { category: 'done' });
    assert.ok(outcome.kind === 'written');
    assert.match(outcome.unwritten?.[0]?.reason ?? '', /"Resolve" asks for Root cause/);
    assert.equal(stage.transitions(), 0);
  });

  it('is stale when somebody moves the issue at the same time', async () => {
    const issue = await stage.create();
    stage.place.simulator.knobs.next({
      match: ({ method, path }) => method === 'POST' && path.endsWith('/transitions'),
      when: 'before',
      answer: { status: 409, body: { errorMessages: ['conflict'], errors: {} } },
    });
    assert.deepEqual(await stage.move(issue, { category: 'done' }), { kind: 'stale' });
  });

  it('goes back when it gets stuck on the way', async () => {
    const issue = await stage.create();
    const offer = {
      transitions: [
        {
          id: '4',
          name: 'Start Progress',
          to: { id: '10001', name: 'In Progress', statusCategory: { key: 'indeterminate' } },
        },
      ],
    };
    const { knobs, world } = stage.place.simulator;
    world.assign(issue.ref.id, 'tmi-bot');
    const seen = await stage.place.tracker.find(issue.ref.key, signal);
    assert.ok(seen);
    knobs.next({ match: isOffer, answer: { status: 200, body: offer } });
    knobs.next({ match: isOffer, answer: { status: 200, body: { transitions: [] } } });
    const outcome = await stage.move(seen, { category: 'done' });
    assert.ok(
      outcome.kind === 'written' && outcome.unwritten?.[0]?.code === 'no-path',
      JSON.stringify(outcome),
    );
    assert.equal(outcome.issue?.status.name, 'Open');
    assert.equal(stage.transitions(), 2);
  });
});

for (const workflow of ['simple', 'team-managed'] as const)
  describe(`a ${workflow} workflow`, () => {
    const stage = stageFor(workflow);

    it('shows what is to do, in progress and done; labels say what was dropped', async () => {
      let issue = await stage.create();
      for (const category of ['active', 'done', 'open', 'dropped', 'open'] as const) {
        issue = issueIn(await stage.move(issue, { category }));
        assert.equal(issue.status.category, category === 'dropped' ? 'done' : category);
      }
      assert.equal(stage.transitions(), 5);
    });
  });
