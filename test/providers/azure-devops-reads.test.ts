import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { at, createOf, openDesk } from './azure-devops-desk.ts';
import type { Desk } from './azure-devops-desk.ts';
import { HERE } from './azure-devops-world.ts';

const { signal } = new AbortController();

describe('what our Azure DevOps tracker sends to read', () => {
  let desk: Desk;
  async function reopen(wish: Parameters<typeof openDesk>[0]): Promise<void> {
    await desk.close();
    desk = await openDesk(wish);
  }
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  it('takes the states of any process for what they mean', async () => {
    const meanings = async (workItemType: string, states: readonly string[]): Promise<string[]> => {
      const found: string[] = [];
      for (const state of states) {
        const { id } = desk.place.simulator.world.openItem({
          ...HERE,
          title: state,
          type: workItemType,
          state,
        });
        found.push((await desk.read({ id: String(id), key: String(id) })).status.category);
      }
      return found;
    };
    await reopen({ process: 'Agile' });
    assert.deepEqual(await meanings('User Story', ['New', 'Active', 'Resolved', 'Closed', 'Removed']), [
      'open',
      'active',
      'active',
      'done',
      'dropped',
    ]);
    // Without a state for what is proposed, work begins in progress.
    assert.deepEqual(await meanings('Issue', ['Active', 'Closed']), ['open', 'done']);
    await reopen({ process: 'Scrum' });
    const scrum = ['New', 'Approved', 'Committed', 'Done', 'Removed'];
    assert.deepEqual(await meanings('Bug', scrum), ['open', 'open', 'active', 'done', 'dropped']);
    desk.place.simulator.world.addState(HERE, 'Bug', { name: 'In review', category: 'InProgress' });
    assert.deepEqual(await meanings('Task', ['To Do', 'In Progress']), ['open', 'active']);
  });

  it('is one request for two hundred work items, one for the comments of each that has some, one for each that is missing', async () => {
    const refs = Array.from({ length: 230 }, (_, number) => desk.filed(String(number)));
    desk.place.simulator.world.comment(at({ id: '3' }), 'words <b>bold</b>');
    desk.place.simulator.world.deleteItem(at({ id: '7' }));
    desk.place.simulator.world.destroyItem(at({ id: '9' }));
    const outcomes = await desk.place.tracker.read(refs, signal);
    assert.equal(outcomes.size, 230);
    assert.equal(outcomes.get('7')?.kind, 'gone');
    assert.equal(outcomes.get('9')?.kind, 'hidden');
    const third = outcomes.get('3');
    assert.ok(third?.kind === 'found');
    assert.deepEqual(
      third.issue.comments?.map(({ text }) => text),
      ['words bold'],
    );
    assert.deepEqual(desk.sent(), [
      'POST /workitemsbatch 200',
      'GET /workItems/3/comments 200',
      'GET /recyclebin/7 200',
      'GET /recyclebin/9 404',
      'POST /workitemsbatch 200',
    ]);
  });

  it('is two requests for a look at a project without changes', async () => {
    for (let number = 0; number < 30; number += 1) desk.filed(String(number));
    const { cursor } = await desk.poll(null);
    desk.place.simulator.clearRequests();
    await desk.place.tracker.project(signal);
    assert.deepEqual((await desk.poll(cursor)).ids, []);
    assert.equal(desk.place.simulator.requests.length, 2);
  });

  it('tells of changes, comments and deletions exactly once, also of those that come to light late', async () => {
    const [known, doomed] = [desk.filed('Known'), desk.filed('Doomed')];
    desk.place.clock.pass(3_600_000);
    const { cursor } = await desk.poll(null);
    desk.place.simulator.knobs.listLagMs = 40_000;
    const late = desk.filed('Late');
    assert.deepEqual((await desk.poll(cursor)).ids, []);
    desk.place.simulator.knobs.listLagMs = 0;
    desk.place.simulator.world.comment(at(known), 'words');
    desk.place.simulator.world.deleteItem(at(doomed));
    const first = await desk.poll(cursor);
    assert.deepEqual(new Set(first.ids), new Set([late.id, known.id, doomed.id]));
    assert.deepEqual((await desk.poll(first.cursor)).ids, []);
  });

  it('starts earlier, and misses nothing, with a cursor that is not taken any more', async () => {
    const ref = desk.filed('Old');
    const { cursor } = await desk.poll(null);
    const { at: when } = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    for (const broken of [
      Buffer.from(JSON.stringify({ token: 'x', at: when })).toString('base64url'),
      'rubbish',
    ])
      assert.deepEqual((await desk.poll(broken)).ids, [ref.id]);
  });

  it('speaks the newest version that a server knows, found once', async () => {
    await reopen({ server: { apiVersion: 6 } });
    const fresh = desk.place.another();
    await fresh.project(signal);
    await fresh.project(signal);
    assert.deepEqual(
      desk.place.simulator.requests.map(({ query, status }) => [
        /api-version=([^&]+)/.exec(query)?.[1],
        status,
      ]),
      [
        ['7.0', 400],
        ['6.0', 200],
        ['6.0', 200],
      ],
    );
    desk.place.simulator.clearRequests();
    const [outcome] = await desk.place.another().write([createOf()], signal);
    assert.equal(outcome?.kind, 'written');
  });

  it('takes a page to sign in for refused credentials, whatever its status', async () => {
    for (const signIn of [203, 302, 401] as const) {
      desk.place.simulator.knobs.signIn = signIn;
      const { tracker } = desk.place.connect({}, { type: 'token', token: 'wrong' });
      await assert.rejects(tracker.project(signal), { code: 'tracker-unauthorized' });
      await assert.rejects(tracker.write([createOf()], signal), { code: 'tracker-unauthorized' });
    }
  });
});
