import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Issue, IssueChange, IssueRef, WriteOutcome } from '../../src/domain/issue.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const { signal } = new AbortController();

function issueOf(outcome: WriteOutcome | undefined): Issue {
  assert.ok(outcome?.kind === 'written' && outcome.issue, JSON.stringify(outcome));
  return outcome.issue;
}

function at({ ref }: { ref: IssueRef }): { project: string; iid: number } {
  return { project: PROJECT, iid: Number(ref.key) };
}

describe('what our GitLab tracker sends', () => {
  let place: GitlabPlace;
  beforeEach(async () => {
    place = await openGitlab();
  });
  afterEach(() => place.close());

  function sent(): string[] {
    const project = `/projects/${String(place.projectId)}`;
    return place.simulator.requests.map(
      ({ method, path, status }) => `${method} ${path.replace(project, '')} ${String(status)}`,
    );
  }
  async function create(labels: readonly string[] = []): Promise<WriteOutcome | undefined> {
    const write = { kind: 'create', title: 'T', block: { mark: MARK, text: 'x' }, labels } as const;
    return (await place.tracker.write([write], signal))[0];
  }
  async function created(labels: readonly string[] = []): Promise<Issue> {
    return issueOf(await create(labels));
  }
  async function change(seen: Issue, what: IssueChange): Promise<WriteOutcome | undefined> {
    place.simulator.clearRequests();
    const seenAt = place.clock.now().toISOString();
    return (
      await place.tracker.write([{ kind: 'update', ref: seen.ref, seen, seenAt, change: what }], signal)
    )[0];
  }
  async function read(ref: IssueRef): Promise<Issue> {
    const outcome = (await place.tracker.read([ref], signal)).get(ref.id);
    assert.ok(outcome?.kind === 'found', JSON.stringify(outcome));
    return outcome.issue;
  }
  function open(title: string): IssueRef {
    const { id, iid } = place.simulator.world.openIssue({ project: PROJECT, title });
    return { id: String(id), key: String(iid) };
  }

  it('is one request for each create, comment and update, whatever changes', async () => {
    const issue = await created(['threat-model', 'old']);
    assert.deepEqual(sent(), ['POST /issues 201']);
    const after = issueOf(
      await change(issue, {
        title: 'New',
        block: { mark: MARK, text: 'y' },
        status: { category: 'done' },
        addLabels: ['new'],
        removeLabels: ['old', 'none'],
      }),
    );
    assert.deepEqual(sent(), ['PUT /issues/1 200']);
    assert.deepEqual(Object.keys(Object(place.simulator.requests[0]?.body)).toSorted(), [
      'add_labels',
      'description',
      'remove_labels',
      'state_event',
      'title',
    ]);
    assert.deepEqual(after.labels, ['new', 'threat-model']);
    assert.equal(after.status.id, 'closed');
  });

  it('is one request for a hundred issues, one for the comments of each that has some, one for each that is missing', async () => {
    const refs = Array.from({ length: 120 }, (_, number) => open(String(number)));
    place.simulator.world.comment({ project: PROJECT, iid: 3 }, 'words');
    place.simulator.world.deleteIssue({ project: PROJECT, iid: 7 });
    const outcomes = await place.tracker.read(refs, signal);
    assert.equal(outcomes.size, 120);
    assert.equal(outcomes.get(refs[6]?.id ?? '')?.kind, 'hidden');
    assert.deepEqual(sent(), [
      'GET /issues 200',
      'GET /issues/3/notes 200',
      'GET /issues/7 404',
      'GET /issues 200',
    ]);
  });

  it('tells labels by their words, as we do, and names them as GitLab does', async () => {
    const issue = await created(['Threat-Model', 'Mine']);
    const after = issueOf(await change(issue, { addLabels: ['threat-model', 'x'], removeLabels: ['mine'] }));
    assert.deepEqual(place.simulator.requests[0]?.body, { add_labels: ['x'], remove_labels: ['Mine'] });
    assert.deepEqual(after.labels, ['Threat-Model', 'x']);
  });

  it('notices when GitLab drops labels without a word, and says who can mend it', async () => {
    place.simulator.world.setRole(PROJECT, place.bot, 'guest');
    const outcome = await create(['threat-model']);
    const issue = issueOf(outcome);
    assert.ok(outcome?.kind === 'written' && /threat-model.*role/.test(outcome.warnings?.[0] ?? ''));
    assert.deepEqual(
      outcome.unwritten?.map(({ field, code }) => [field, code]),
      [['labels', 'label-dropped']],
    );
    const both = await change(issue, { title: 'New', addLabels: ['threat-model'] });
    assert.equal(issueOf(both).title, 'New');
    assert.ok(both?.kind === 'written' && both.unwritten?.length === 1);
  });

  it('writes the rest when the mapping names a status that GitLab has not', async () => {
    const issue = await created();
    const outcome = await change(issue, { title: 'New', status: { category: 'active', id: 'in-progress' } });
    assert.equal(issueOf(outcome).title, 'New');
    assert.ok(outcome?.kind === 'written');
    assert.deepEqual(
      outcome.unwritten?.map(({ field, code }) => [field, code]),
      [['status', 'needs-mapping']],
    );
    const closed = issueOf(await change(issueOf(outcome), { status: { category: 'dropped', id: 'closed' } }));
    assert.equal(closed.status.id, 'closed');
  });

  it('reads a duplicate as dropped, and reopens it before it is closed as done', async () => {
    const { ref } = await created();
    place.simulator.world.close(at({ ref }));
    const closed = await read(ref);
    const wire = Object(place.simulator.requests.at(-1)?.answer)[0];
    const { _links: links, ...rest } = wire;
    const duplicate = { ...rest, _links: { ...links, closed_as_duplicate_of: 'https://x/1' } };
    place.simulator.knobs.next({ answer: { status: 200, body: [duplicate] } });
    const dropped = await read(ref);
    assert.deepEqual([closed.status.category, dropped.status.category], ['done', 'dropped']);
    await change(dropped, { status: { category: 'dropped' } });
    assert.deepEqual(sent(), []);
    await change(dropped, { status: { category: 'done' } });
    assert.deepEqual(
      place.simulator.requests.map(({ body }) => body),
      [{ state_event: 'reopen' }, { state_event: 'close' }],
    );
  });

  it('never carries out for people what they wrote as a command', async () => {
    const { ref } = await created();
    // Such a text comes from where GitLab does not read commands: imports, mail, code that lost its fence.
    const { description } = place.simulator.world.issue(PROJECT, Number(ref.key));
    const real = await read(ref);
    const seen = { ...real, body: `${description ?? ''}\n\n/close\n/label ~hacked` };
    const outcome = await change(seen, { block: { mark: MARK, text: 'new' } });
    assert.ok(outcome?.kind === 'refused' && outcome.code === 'quick-action');
    assert.deepEqual(sent(), []);
    for (const harmless of ['/etc/passwd is read', 'a /close b', '/ alone', '\\/close', '/api/v4: x']) {
      const other = { ...real, body: `${description ?? ''}\n\n${harmless}` };
      assert.equal(
        (await change(other, { block: { mark: MARK, text: harmless } }))?.kind,
        'written',
        harmless,
      );
    }
    assert.deepEqual(place.simulator.world.executedActions(), []);
  });

  it('follows a moved issue as far as saying where it went', async () => {
    const { ref } = await created();
    place.simulator.world.addProject({ path: 'acme/elsewhere' });
    place.simulator.world.addProject({ path: 'other/deep/place' });
    const moved = place.simulator.world.moveIssue(at({ ref }), 'acme/elsewhere');
    const outcome = (await place.tracker.read([ref], signal)).get(ref.id);
    assert.deepEqual(outcome, {
      kind: 'moved',
      to: { id: String(moved.id), key: String(moved.iid) },
      url: `${place.simulator.url}/acme/elsewhere/-/issues/${String(moved.iid)}`,
      sameProject: false,
    });
    assert.equal(await place.tracker.find(ref.key, signal), undefined);
    const second = open('Second');
    place.simulator.world.moveIssue(at({ ref: second }), 'other/deep/place');
    const far = (await place.tracker.read([second], signal)).get(second.id);
    assert.ok(far?.kind === 'moved' && far.url.endsWith('/other/deep/place/-/issues/1'));
  });

  it('takes no other issue for the one that had its number', async () => {
    const { ref } = await created();
    const other = { id: `${ref.id}0`, key: ref.key };
    assert.equal((await place.tracker.read([other], signal)).get(other.id)?.kind, 'hidden');
  });

  it('keeps an issue that people made confidential, and calls it hidden once we may not see it', async () => {
    const { ref } = await created();
    place.simulator.world.setConfidential(at({ ref }), true);
    const seen = await read(ref);
    assert.equal(issueOf(await change(seen, { title: 'New' })).title, 'New');
    const foreign = open('Foreign');
    place.simulator.world.setConfidential(at({ ref: foreign }), true);
    place.simulator.world.setRole(PROJECT, place.bot, 'guest');
    const outcome = (await place.tracker.read([foreign], signal)).get(foreign.id);
    assert.equal(outcome?.kind, 'hidden');
  });

  it('goes to the number of a project that was named by its path, and follows a rename', async () => {
    const { tracker } = place.connect({ projectId: PROJECT });
    const before = await tracker.project(signal);
    assert.deepEqual([before.projectId, before.name], [String(place.projectId), PROJECT]);
    place.simulator.world.renameProject(PROJECT, 'acme/billing');
    const late = place.connect({ projectId: PROJECT });
    assert.equal((await late.tracker.project(signal)).name, 'acme/billing');
    const write = { kind: 'create', title: 'T', block: { mark: MARK, text: 'x' }, labels: [] } as const;
    for (const each of [tracker, late.tracker])
      assert.equal((await each.write([write], signal))[0]?.kind, 'written');
  });

  it('is no write to a project whose issues are switched off or that is archived, and that is no deletion', async () => {
    const { ref } = await created();
    place.simulator.world.setIssuesAccess(PROJECT, 'disabled');
    const outcome = await create();
    assert.ok(outcome?.kind === 'refused' && outcome.code === 'forbidden');
    assert.equal((await place.tracker.read([ref], signal)).get(ref.id)?.kind, 'hidden');
    place.simulator.world.setIssuesAccess(PROJECT, 'enabled');
    place.simulator.world.archive(PROJECT);
    assert.equal((await create())?.kind, 'refused');
  });

  it('stops when the token is refused in the middle, and loses no outcome', async () => {
    place.simulator.knobs.next({ skip: 1, answer: { status: 401, body: { message: '401 Unauthorized' } } });
    const write = { kind: 'create', title: 'T', block: { mark: MARK, text: 'x' }, labels: [] } as const;
    const outcomes = await place.tracker.write([write, write, write], signal);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['written', 'later', 'later'],
    );
    assert.equal(place.simulator.requests.length, 2);
  });

  it('reads no text of a half answer as an empty one', async () => {
    const { ref } = await created();
    await read(ref);
    const { description: _, ...half } = Object(place.simulator.requests.at(-1)?.answer)[0];
    place.simulator.knobs.next({ answer: { status: 200, body: [half] } });
    assert.deepEqual((await read(ref)).block, { kind: 'unknown' });
  });
});
