import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { IssueRef, IssueWrite, WriteOutcome } from '../../src/domain/issue.ts';
import type { Flavour } from '../../simulators/jira/index.ts';
import { KEY, openJira } from './jira-world.ts';
import type { JiraPlace } from './jira-world.ts';

const MANY = 1000;
const { signal } = new AbortController();

function markOf(number: number): string {
  const hex = number.toString(16).padStart(16, '0');
  return `tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=${hex} mac=fedcba9876543210`;
}

function create(title: string, more: { labels?: readonly string[]; priority?: string } = {}): IssueWrite {
  return { kind: 'create', title, block: { mark: markOf(1), text: 'words' }, labels: [], ...more };
}

function refOf(outcome: WriteOutcome | undefined): IssueRef {
  assert.ok(outcome?.kind === 'written' && outcome.issue, JSON.stringify(outcome));
  return outcome.issue.ref;
}

for (const flavour of ['cloud', 'data-center'] satisfies Flavour[])
  describe(`the calls that ${String(MANY)} threats cost on Jira ${flavour}`, () => {
    let place: JiraPlace;
    let refs: readonly IssueRef[] = [];
    before(async () => {
      place = await openJira(flavour);
    });
    after(() => place.close());

    async function counted(act: () => Promise<void>): Promise<number> {
      const start = place.simulator.requests.length;
      await act();
      return place.simulator.requests.length - start;
    }

    it('are a request for fifty creates, and one to read a hundred back', async () => {
      const all: IssueRef[] = [];
      const calls = await counted(async () => {
        for (let at = 0; at < MANY; at += 100) {
          const writes = Array.from({ length: 100 }, (_, index) => create(`Threat ${String(at + index)}`));
          all.push(...(await place.tracker.write(writes, signal)).map(refOf));
        }
      });
      refs = all;
      assert.equal(new Set(refs.map((ref) => ref.id)).size, MANY);
      assert.equal(calls, 30);
    });

    it('are a request for a hundred reads', async () => {
      const calls = await counted(async () => {
        const tracker = place.another();
        const outcomes = new Map<string, string>();
        for (let at = 0; at < MANY; at += 100)
          for (const [id, outcome] of await tracker.read(refs.slice(at, at + 100), signal))
            outcomes.set(id, outcome.kind);
        assert.deepEqual(new Set(outcomes.values()), new Set(['found']));
        assert.equal(outcomes.size, MANY);
      });
      assert.equal(calls, 10);
    });

    it('are one request where nothing changed', async () => {
      place.clock.pass(3_600_000);
      let cursor = '';
      for await (const page of place.tracker.changes(null, signal)) cursor = page.cursor;
      place.clock.pass(3_600_000);
      const calls = await counted(async () => {
        for await (const page of place.tracker.changes(cursor, signal)) assert.deepEqual(page.refs, []);
      });
      assert.equal(calls, 1);
    });
  });

describe('writes to Jira', () => {
  let place: JiraPlace;
  beforeEach(async () => {
    place = await openJira('cloud');
  });
  afterEach(() => place.close());

  it('keep their outcomes when some of a batch are refused', async () => {
    const long = 'x'.repeat(300);
    const outcomes = await place.tracker.write(
      [create('one'), create(long), create('three'), create(long), create('five')],
      signal,
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'written' ? outcome.issue?.title : outcome.kind)),
      ['one', 'refused', 'three', 'refused', 'five'],
    );
  });

  it('keep what the first fifty came to when the next fail', async () => {
    place.simulator.knobs.next({
      match: ({ path }) => path.endsWith('/issue/bulk'),
      skip: 1,
      answer: { status: 500 },
    });
    const writes = Array.from({ length: 70 }, (_, index) => create(`Threat ${String(index)}`));
    const outcomes = await place.tracker.write(writes, signal);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      writes.map((_, index) => (index < 50 ? 'written' : 'unknown')),
    );
  });

  it('go on without a priority that there is not, and say so', async () => {
    const outcomes = await place.tracker.write(
      [create('one', { priority: 'Highest' }), create('two', { priority: 'Urgent' })],
      signal,
    );
    const [one, two] = outcomes;
    assert.ok(one?.kind === 'written' && two?.kind === 'written');
    assert.equal(one.issue?.priority, 'Highest');
    assert.equal(one.unwritten, undefined);
    assert.equal(two.unwritten?.[0]?.field, 'priority');
    assert.match(two.unwritten[0].reason, /mapping/);
    const seen = two.issue;
    assert.ok(seen);
    const seenAt = place.clock.now().toISOString();
    const change = { title: 'Two', priority: 'Urgent' };
    const [again] = await place.tracker.write(
      [{ kind: 'update', ref: seen.ref, seen, seenAt, change }],
      signal,
    );
    assert.ok(again?.kind === 'written');
    assert.equal(again.issue?.title, 'Two');
    assert.equal(again.unwritten?.[0]?.field, 'priority');
  });

  it('go on without labels and priorities where they are not on the screen', async () => {
    place.simulator.world.hideField(KEY, 'priority');
    place.simulator.world.hideField(KEY, 'labels');
    const [outcome] = await place.tracker.write(
      [create('one', { priority: 'High', labels: ['threat-model'] })],
      signal,
    );
    assert.ok(outcome?.kind === 'written');
    assert.deepEqual(outcome.unwritten?.map(({ field }) => field).toSorted(), ['labels', 'priority']);
  });

  it('never send a label with a space', async () => {
    const [outcome] = await place.tracker.write([create('one', { labels: ['ok', 'not ok'] })], signal);
    assert.ok(outcome?.kind === 'written');
    assert.deepEqual(outcome.issue?.labels, ['ok']);
    assert.match(outcome.unwritten?.[0]?.reason ?? '', /"not ok"/);
  });

  it('carry the mark in the text and in a property, from the create on', async () => {
    const [outcome] = await place.tracker.write([create('one')], signal);
    const { key } = refOf(outcome);
    const { properties } = place.simulator.world.issue(key);
    assert.deepEqual(properties, { 'tmi.sync': { mark: markOf(1) } });
  });

  it('are found again by the property when a person threw our panel away', async () => {
    const since = place.clock.now().toISOString();
    const { id } = refOf((await place.tracker.write([create('one')], signal))[0]);
    place.simulator.world.editDescription(id, null);
    const found = await place.tracker.findMarked(since, signal);
    assert.deepEqual(
      found.get(markOf(1))?.map((issue) => issue.ref.id),
      [id],
    );
  });

  it('are stale when Jira itself says that somebody else is writing', async () => {
    const [outcome] = await place.tracker.write([create('one')], signal);
    assert.ok(outcome?.kind === 'written' && outcome.issue);
    const { issue } = outcome;
    place.simulator.knobs.next({
      match: ({ method }) => method === 'PUT',
      when: 'before',
      answer: { status: 409, body: { errorMessages: ['Conflict'], errors: {} } },
    });
    const seenAt = place.clock.now().toISOString();
    const change = { title: 'other' };
    const write = { kind: 'update', ref: issue.ref, seen: issue, seenAt, change } as const;
    assert.deepEqual(await place.tracker.write([write], signal), [{ kind: 'stale' }]);
  });

  it('leave what people put into the document as it was, node for node', async () => {
    const [outcome] = await place.tracker.write([create('one')], signal);
    const { id } = refOf(outcome);
    const { world } = place.simulator;
    const { description } = world.issue(id);
    assert.ok(typeof description === 'object' && description !== null);
    const theirs = [
      {
        type: 'paragraph',
        attrs: { localId: 'x1' },
        content: [{ type: 'mention', attrs: { id: 'a1', text: '@mona' } }],
      },
      {
        type: 'table',
        attrs: { layout: 'default' },
        content: [
          {
            type: 'tableRow',
            content: [{ type: 'tableCell', attrs: {}, content: [{ type: 'paragraph', content: [] }] }],
          },
        ],
      },
    ];
    world.editDescription(id, { ...description, content: [...theirs, ...(description.content ?? [])] });
    const read = (await place.tracker.read([{ id, key: '' }], signal)).get(id);
    assert.ok(read?.kind === 'found');
    const seenAt = place.clock.now().toISOString();
    const change = { block: { mark: markOf(1), text: 'new words' } };
    const [outcomeOfUpdate] = await place.tracker.write(
      [{ kind: 'update', ref: read.issue.ref, seen: read.issue, seenAt, change }],
      signal,
    );
    assert.equal(outcomeOfUpdate?.kind, 'written');
    const now = world.issue(id).description;
    assert.ok(typeof now === 'object' && now !== null);
    assert.deepEqual(now.content?.slice(0, 2), theirs);
  });
});
