import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { at, createOf, issueOf, MARK, openDesk, unwritten } from './azure-devops-desk.ts';
import type { Desk } from './azure-devops-desk.ts';
import { HERE, ORGANIZATION, PROJECT } from './azure-devops-world.ts';

const OWN = 'tm-0b7cbb1e1d';
const { signal } = new AbortController();

describe('what our Azure DevOps tracker sends to write', () => {
  let desk: Desk;
  async function reopen(wish: Parameters<typeof openDesk>[0]): Promise<void> {
    await desk.close();
    desk = await openDesk(wish);
  }
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  it('is one request for a create or an update, whatever changes, and one for two hundred of them', async () => {
    const issue = await desk.created({ labels: ['threat-model', 'old'] });
    assert.deepEqual(desk.sent(), ['POST /workitems/$Issue 200']);
    const after = issueOf(
      await desk.change(issue, {
        title: 'New',
        block: { mark: MARK, text: '<p>y</p>' },
        status: { category: 'done' },
        addLabels: ['new'],
        removeLabels: ['old', 'none'],
        priority: '1',
      }),
    );
    assert.deepEqual(desk.sent(), ['PATCH /workitems/1 200']);
    assert.deepEqual(after.labels, ['new', 'threat-model']);
    assert.deepEqual([after.status.id, after.priority, after.title], ['Done', '1', 'New']);
    const many = await desk.write(
      ...Array.from({ length: 199 }, (_, number) => createOf({ title: String(number) })),
      desk.updateOf(after, { title: 'Newer' }),
      createOf(),
    );
    assert.ok(many.every(({ kind }) => kind === 'written'));
    assert.deepEqual(desk.sent(), ['PATCH /$batch 200', 'POST /workitems/$Issue 200']);
  });

  it('tests the revision with every change', async () => {
    const [one, two] = [await desk.created(), await desk.created()];
    await desk.write(desk.updateOf(one, { title: 'A' }));
    assert.match(
      JSON.stringify(desk.place.simulator.requests[0]?.body),
      /^\[\{"op":"test","path":"\/rev","value":1\}/,
    );
    await desk.write(
      desk.updateOf(await desk.read(one.ref), { title: 'B' }),
      desk.updateOf(two, { title: 'B' }),
    );
    const tests = JSON.stringify(desk.place.simulator.requests[0]?.body).match(/"op":"test","path":"\/rev"/g);
    assert.equal(tests?.length, 2);
  });

  it('is one more look where somebody was quicker with something else, and stale with the same', async () => {
    for (const staleStatus of [412, 409] as const) {
      desk.place.simulator.knobs.staleStatus = staleStatus;
      const [one, two] = [await desk.created(), await desk.created()];
      desk.place.simulator.world.addTag(at(one.ref), 'theirs');
      desk.place.simulator.world.editTitle(at(two.ref), 'By a person');
      const outcomes = await desk.write(
        desk.updateOf(one, { title: 'Ours' }),
        desk.updateOf(two, { title: 'Ours' }),
      );
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['written', 'stale'],
      );
      assert.deepEqual(issueOf(outcomes[0]).labels, ['theirs', 'threat-model']);
      assert.equal(desk.item(two.ref)['System.Title'], 'By a person');
      const [single] = await desk.write(desk.updateOf(two, { title: 'Ours' }));
      assert.equal(single?.kind, 'stale');
    }
  });

  it('gives each of a batch its own outcome', async () => {
    const [good, gone] = [await desk.created(), await desk.created()];
    desk.place.simulator.world.deleteItem(at(gone.ref));
    const outcomes = await desk.write(
      desk.updateOf(gone, { title: 'X' }),
      createOf({ title: 'x'.repeat(300) }),
      desk.updateOf(good, { title: 'X' }),
      createOf({ priority: '9' }),
      createOf(),
    );
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['refused', 'refused', 'written', 'written', 'written'],
    );
    assert.deepEqual(unwritten(outcomes[3]), [['priority', 'needs-mapping']]);
    assert.equal(issueOf(outcomes[3]).priority, '2');
    assert.deepEqual(desk.sent(), [
      'PATCH /$batch 200',
      'POST /workitems/$Issue 400',
      'POST /workitems/$Issue 200',
    ]);
  });

  it('keeps the outcomes of a batch when the token is refused right after it', async () => {
    desk.place.simulator.knobs.next({ skip: 1, answer: { status: 401, body: {} } });
    const outcomes = await desk.write(createOf({ priority: '9' }), createOf());
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['later', 'written'],
    );
  });

  it('marks what it creates with a tag by which people find it, which is no label', async () => {
    const issue = await desk.created();
    assert.equal(desk.item(issue.ref)['System.Tags'], `threat-model; ${OWN}`);
    assert.deepEqual(issue.labels, ['threat-model']);
    const bare = issueOf(await desk.change(issue, { removeLabels: ['threat-model'] }));
    assert.deepEqual([desk.item(issue.ref)['System.Tags'], bare.labels], [OWN, []]);
  });

  it('sets no tag that would be two, and says so', async () => {
    const [outcome] = await desk.write(createOf({ labels: ['fine', 'a;b', 'c,d'] }));
    assert.deepEqual(issueOf(outcome).labels, ['fine']);
    assert.deepEqual(unwritten(outcome), [['labels', 'label-refused']]);
  });

  it('goes the way that the process allows, step by step', async () => {
    await reopen({ process: 'CMMI', server: { apiVersion: 7 } });
    const issue = await desk.created();
    desk.place.simulator.world.setState(at(issue.ref), 'Resolved');
    const seen = await desk.read(issue.ref);
    assert.equal(seen.status.category, 'active');
    const after = issueOf(await desk.change(seen, { status: { category: 'open' }, title: 'Back' }));
    assert.deepEqual([after.status.id, after.title], ['Proposed', 'Back']);
    assert.equal(desk.sent().length, 2);
  });

  it('says where no way leads, or the new state asks for more, and writes the rest', async () => {
    await reopen({ process: 'Agile' });
    desk.place.simulator.world.addField(HERE, {
      type: 'User Story',
      referenceName: 'Custom.RootCause',
      name: 'Root cause',
      requiredIn: ['Closed'],
    });
    const issue = await desk.created();
    const outcome = await desk.change(issue, { status: { category: 'done' }, title: 'New' });
    assert.deepEqual(unwritten(outcome), [['status', 'no-path']]);
    assert.deepEqual(
      [desk.item(issue.ref)['System.Title'], desk.item(issue.ref)['System.State']],
      ['New', 'New'],
    );
    const unknown = await desk.change(issueOf(outcome), { status: { category: 'done', id: 'Nowhere' } });
    assert.deepEqual(unwritten(unknown), [['status', 'needs-mapping']]);
    const named = issueOf(
      await desk.change(issueOf(unknown), { status: { category: 'active', id: 'resolved' } }),
    );
    assert.equal(named.status.id, 'Resolved');
  });

  it('writes the steps to reproduce of bugs, and finds its section after a change of type', async () => {
    await reopen({ process: 'Scrum', workItemType: 'Bug' });
    const issue = await desk.created();
    assert.match(String(desk.item(issue.ref)['Microsoft.VSTS.TCM.ReproSteps']), /tmi:begin/);
    assert.equal(desk.item(issue.ref)['System.Description'], undefined);
    desk.place.simulator.world.convertItem(at(issue.ref), 'Product Backlog Item');
    assert.equal((await desk.read(issue.ref)).block.kind, 'present');
  });

  it('follows a moved work item as far as saying where it is, and never writes there', async () => {
    const issue = await desk.created();
    desk.place.simulator.world.moveItem(at(issue.ref), 'elsewhere');
    assert.deepEqual((await desk.place.tracker.read([issue.ref], signal)).get(issue.ref.id), {
      kind: 'moved',
      to: issue.ref,
      url: `${desk.place.simulator.url}/${ORGANIZATION}/elsewhere/_workitems/edit/1`,
      sameProject: false,
    });
    assert.equal(await desk.place.tracker.find('1', signal), undefined);
    assert.equal((await desk.change(issue, { title: 'X' }))?.kind, 'refused');
  });

  it('goes on when the project gets another name', async () => {
    const issue = await desk.created();
    desk.place.simulator.world.renameProject(HERE, 'billing');
    assert.equal((await desk.place.tracker.project(signal)).name, 'billing');
    assert.equal(issueOf(await desk.change(await desk.read(issue.ref), { title: 'New' })).title, 'New');
    assert.notEqual(PROJECT, 'billing');
  });

  it('never asks to bypass rules or to be silent', async () => {
    const issue = await desk.created();
    await desk.change(issue, { title: 'X', status: { category: 'done' } });
    const all = JSON.stringify(desk.place.simulator.requests.map(({ query, body }) => [query, body]));
    assert.doesNotMatch(all, /bypassRules|suppressNotifications/i);
  });
});
