import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Issue, IssueChange, IssueRef, WriteOutcome } from '../../src/domain/issue.ts';
import type { Cursor } from '../../src/ports/tracker.ts';
import { openGithub, PLACE } from './github-world.ts';
import type { GithubPlace } from './github-world.ts';

const MARK = 'tmi:begin v=1 link=a key=b mac=c';

describe('what our GitHub tracker sends', () => {
  let place: GithubPlace;
  const { signal } = new AbortController();
  beforeEach(async () => {
    place = await openGithub();
  });
  afterEach(() => place.close());

  function sent(): string[] {
    return place.simulator.requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
  }
  async function create(labels: readonly string[] = []): Promise<WriteOutcome | undefined> {
    const write = { kind: 'create', title: 'T', block: { mark: MARK, text: 'x' }, labels } as const;
    return (await place.tracker.write([write], signal))[0];
  }
  async function created(labels: readonly string[] = []): Promise<Issue> {
    const outcome = await create(labels);
    assert.ok(outcome?.kind === 'written' && outcome.issue);
    return outcome.issue;
  }
  async function change(seen: Issue, what: IssueChange): Promise<WriteOutcome | undefined> {
    place.simulator.clearRequests();
    const seenAt = place.clock.now().toISOString();
    return (
      await place.tracker.write([{ kind: 'update', ref: seen.ref, seen, seenAt, change: what }], signal)
    )[0];
  }
  async function poll(cursor: Cursor | null): Promise<{ refs: IssueRef[]; cursor: Cursor }> {
    const refs: IssueRef[] = [];
    let last = cursor;
    for await (const page of place.tracker.changes(cursor, signal)) {
      refs.push(...page.refs);
      last = page.cursor;
    }
    assert.ok(last !== null);
    return { refs, cursor: last };
  }

  it('is one request for each create, update and comment', async () => {
    const issue = await created(['threat-model']);
    assert.deepEqual(sent(), ['POST /repos/acme/payments/issues 201']);
    await change(issue, { title: 'New', status: { category: 'done' }, block: { mark: MARK, text: 'y' } });
    assert.deepEqual(sent(), ['PATCH /repos/acme/payments/issues/1 200']);
    assert.deepEqual(Object.keys(Object(place.simulator.requests[0]?.body)).toSorted(), [
      'body',
      'state',
      'state_reason',
      'title',
    ]);
  });

  it('reopens before it changes only the reason of a close, which GitHub ignores otherwise', async () => {
    const first = await change(await created(), { status: { category: 'done' } });
    assert.ok(first?.kind === 'written' && first.issue);
    const second = await change(first.issue, { status: { category: 'dropped' } });
    assert.ok(second?.kind === 'written' && second.issue?.status.id === 'closed/not_planned');
    assert.deepEqual(
      place.simulator.requests.map((request) => request.body),
      [{ state: 'open' }, { state: 'closed', state_reason: 'not_planned' }],
    );
  });

  it('is only our labels: added in one request, removed one by one, people’s untouched', async () => {
    const issue = await created(['a', 'b', 'c']);
    place.simulator.world.addLabel({ ...PLACE, number: 1 }, 'theirs');
    const outcome = await change(issue, { addLabels: ['d', 'e', 'A'], removeLabels: ['b', 'c', 'none'] });
    assert.deepEqual(sent(), [
      'POST /repos/acme/payments/issues/1/labels 200',
      'DELETE /repos/acme/payments/issues/1/labels/b 200',
      'DELETE /repos/acme/payments/issues/1/labels/c 200',
    ]);
    assert.ok(outcome?.kind === 'written');
    assert.deepEqual(outcome.issue?.labels.toSorted(), ['a', 'd', 'e', 'theirs']);
  });

  it('notices when GitHub drops labels without a word, and still writes the rest of a change', async () => {
    place.simulator.world.setPermission(PLACE, 'tmi-bot', 'read');
    const outcome = await create(['threat-model']);
    assert.ok(outcome?.kind === 'written' && outcome.issue);
    assert.match(outcome.warnings?.[0] ?? '', /threat-model/);
    const both = await change(outcome.issue, { title: 'New', addLabels: ['threat-model'] });
    assert.ok(both?.kind === 'written' && both.issue?.title === 'New' && both.warnings?.length === 1);
    const only = await change(both.issue, { addLabels: ['threat-model'] });
    assert.ok(only?.kind === 'refused' && only.code === 'forbidden');
  });

  it('is two requests for a look at a project without changes, the second answered from the cache', async () => {
    for (let number = 0; number < 30; number += 1) {
      place.simulator.world.openIssue({ ...PLACE, title: String(number) });
      place.clock.pass(1000);
    }
    let { cursor } = await poll(null);
    place.clock.pass(60_000);
    ({ cursor } = await poll(cursor));
    place.simulator.clearRequests();
    await place.tracker.project(signal);
    assert.deepEqual((await poll(cursor)).refs, []);
    assert.deepEqual(sent(), ['GET /repos/acme/payments 200', 'GET /repos/acme/payments/issues 304']);
  });

  it('never asks with an ETag that covers only the first of several pages', async () => {
    await place.close();
    const now = new Date('2026-01-01T00:00:00Z');
    place = await openGithub({ now: () => now });
    const start = await poll(null);
    const opened = new Set<string>();
    for (let number = 0; number < 101; number += 1)
      opened.add(place.simulator.world.openIssue({ ...PLACE, title: String(number) }).nodeId);
    let { cursor } = start;
    for await (const page of place.tracker.changes(cursor, signal)) {
      for (const ref of page.refs) opened.delete(ref.id);
      ({ cursor } = page);
      break;
    }
    for (const ref of (await poll(cursor)).refs) opened.delete(ref.id);
    assert.deepEqual([...opened], []);
  });

  it('is one GraphQL request for a hundred issues, and one more look for each that is missing', async () => {
    const refs: IssueRef[] = [];
    for (let number = 1; number <= 120; number += 1) {
      const { nodeId } = place.simulator.world.openIssue({ ...PLACE, title: String(number) });
      refs.push({ id: nodeId, key: String(number) });
    }
    place.simulator.world.deleteIssue({ ...PLACE, number: 7 });
    const outcomes = await place.tracker.read(refs, signal);
    assert.equal(outcomes.get(refs[6]?.id ?? '')?.kind, 'gone');
    assert.deepEqual(sent(), [
      'POST /graphql 200',
      'GET /repos/acme/payments/issues/7 410',
      'POST /graphql 200',
    ]);
  });

  it('asks for GraphQL once only where there is none', async () => {
    place.simulator.knobs.graphql = false;
    const { ref } = await created();
    for (let time = 0; time < 2; time += 1) await place.tracker.read([ref], signal);
    assert.equal(sent().filter((line) => line.includes('graphql')).length, 1);
  });

  it('rests no verdict on the text of a half answer', async () => {
    const { ref } = await created();
    const whole = await place.tracker.read([ref], signal);
    assert.equal(whole.get(ref.id)?.kind, 'found');
    const real = place.simulator.requests.at(-1)?.answer;
    const [node] = Object(real).data.nodes;
    const errors = [{ message: 'Something went wrong', path: ['nodes', 0, 'comments'] }];
    const answers = [
      { data: { nodes: [{ ...node, comments: null }] }, errors },
      { data: { nodes: [{ ...node, body: null }] } },
    ];
    for (const body of answers) {
      place.simulator.knobs.next({ answer: { status: 200, body } });
      const half = (await place.tracker.read([ref], signal)).get(ref.id);
      assert.ok(half?.kind === 'found');
      assert.deepEqual([half.issue.block, half.issue.comments], [{ kind: 'unknown' }, undefined]);
    }
  });

  it('reads a duplicate as one, by GraphQL as by REST', async () => {
    const { ref } = await created();
    place.simulator.world.close({ ...PLACE, number: 1 }, 'duplicate');
    const read = (await place.tracker.read([ref], signal)).get(ref.id);
    assert.ok(read?.kind === 'found');
    assert.equal(read.issue.status.id, 'closed/duplicate');
    assert.equal((await place.tracker.find('1', signal))?.status.id, 'closed/duplicate');
  });

  it('stops when the token is refused in the middle, and loses no outcome', async () => {
    place.simulator.knobs.next({ skip: 1, answer: { status: 401, body: 'Sign in' } });
    const write = { kind: 'create', title: 'T', block: { mark: MARK, text: 'x' }, labels: [] } as const;
    const outcomes = await place.tracker.write([write, write, write], signal);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['written', 'later', 'later'],
    );
    assert.equal(place.simulator.requests.length, 2);
  });

  it('waits when GraphQL says with status 200 that its limit is used up', async () => {
    const { ref } = await created();
    const errors = [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }];
    place.simulator.knobs.next({ answer: { status: 200, body: { errors } } });
    await assert.rejects(place.tracker.read([ref], signal), { code: 'tracker-rate-limited' });
  });

  it('goes to the new name of a renamed repository, and still knows its issues', async () => {
    const issue = await created();
    const before = await place.tracker.project(signal);
    place.simulator.world.renameRepository(PLACE, 'billing');
    const after = await place.tracker.project(signal);
    assert.deepEqual([after.projectId, after.name], [before.projectId, 'acme/billing']);
    assert.equal((await place.tracker.read([issue.ref], signal)).get(issue.ref.id)?.kind, 'found');
    place.simulator.clearRequests();
    assert.equal((await create())?.kind, 'written');
    assert.deepEqual(sent(), ['POST /repos/acme/billing/issues 201']);
  });

  it('is never a write to a repository whose issues are switched off, and that is no deletion', async () => {
    const { ref } = await created();
    place.simulator.world.disableIssues(PLACE);
    const outcome = await create();
    assert.ok(outcome?.kind === 'refused' && outcome.code === 'issues-disabled');
    place.simulator.knobs.graphql = false;
    assert.equal((await place.tracker.read([ref], signal)).get(ref.id)?.kind, 'hidden');
  });
});
