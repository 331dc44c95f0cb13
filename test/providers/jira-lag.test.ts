import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { IssueWrite } from '../../src/domain/issue.ts';
import type { Cursor } from '../../src/ports/tracker.ts';
import type { Flavour } from '../../simulators/jira/index.ts';
import { KEY, openJira } from './jira-world.ts';
import type { JiraPlace } from './jira-world.ts';

const { signal } = new AbortController();
const LAG_MS = 180_000;
const MARK =
  'tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=0123456789abcdef mac=fedcba9876543210';

function writes(count: number): IssueWrite[] {
  const block = { mark: MARK, text: 'words' };
  return Array.from({ length: count }, (_, index) => ({
    kind: 'create',
    title: `Threat ${String(index)}`,
    block,
    labels: [],
  }));
}

/** Uniform in [0, 1), the same every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

for (const flavour of ['cloud', 'data-center'] satisfies Flavour[])
  describe(`a search index that lags behind on Jira ${flavour}`, () => {
    let place: JiraPlace;
    let chance: () => number;
    beforeEach(async () => {
      chance = seeded(7);
      place = await openJira(flavour, { random: () => chance() });
    });
    afterEach(() => place.close());

    async function changed(cursor: Cursor | null): Promise<{ ids: string[]; cursor: Cursor }> {
      const ids: string[] = [];
      let last = cursor ?? '';
      for await (const page of place.tracker.changes(cursor, signal)) {
        ids.push(...page.refs.map((ref) => ref.id));
        last = page.cursor;
      }
      return { ids, cursor: last };
    }

    it('hides no new issue from its reading back', async () => {
      place.simulator.knobs.indexLagMs = { min: LAG_MS, max: LAG_MS };
      const outcomes = await place.tracker.write(writes(12), signal);
      for (const outcome of outcomes) assert.equal(outcome.kind, 'written');
      const refs = outcomes.flatMap((each) =>
        each.kind === 'written' && each.issue ? [each.issue.ref] : [],
      );
      const read = await place.another().read(refs, signal);
      assert.deepEqual(new Set([...read.values()].map(({ kind }) => kind)), new Set(['found']));
    });

    it('shows an issue by its mark within the time that absence takes to be believed', async () => {
      place.simulator.knobs.indexLagMs = { min: LAG_MS - 1000, max: LAG_MS - 1000 };
      const since = place.clock.now().toISOString();
      await place.tracker.write(writes(1), signal);
      assert.equal((await place.another().findMarked(since, signal)).size, 0);
      place.clock.pass(place.connection.capabilities.settleMs);
      assert.equal((await place.another().findMarked(since, signal)).size, 1);
    });

    it('makes a change come late, but not be missed', async () => {
      const start = (await changed(null)).cursor;
      place.clock.pass(10_000);
      place.simulator.knobs.indexLagMs = { min: LAG_MS, max: LAG_MS };
      const late = place.simulator.world.openIssue({ project: KEY, summary: 'late' });
      place.simulator.knobs.indexLagMs = { min: 0, max: 0 };
      place.clock.pass(60_000);
      const soon = place.simulator.world.openIssue({ project: KEY, summary: 'soon' });
      const first = await changed(start);
      assert.deepEqual(first.ids, [soon.id]);
      place.clock.pass(LAG_MS);
      const second = await changed(first.cursor);
      assert.deepEqual(second.ids, [late.id]);
      assert.deepEqual((await changed(second.cursor)).ids, []);
    });

    it('misses no change, however unevenly the index lags', async () => {
      const { world } = place.simulator;
      place.simulator.knobs.indexLagMs = { min: 0, max: LAG_MS };
      let cursor = (await changed(null)).cursor;
      const told: string[] = [];
      const ids: string[] = [];
      for (let look = 0; look < 24; look += 1) {
        for (let made = 0; made < 4; made += 1) {
          place.clock.pass(1000 + chance() * 20_000);
          ids.push(world.openIssue({ project: KEY, summary: `${String(look)}.${String(made)}` }).id);
        }
        place.clock.pass(chance() * 2 * LAG_MS);
        const news = await changed(cursor);
        told.push(...news.ids);
        ({ cursor } = news);
      }
      place.clock.pass(LAG_MS);
      told.push(...(await changed(cursor)).ids);
      assert.deepEqual(told.toSorted(), ids.toSorted());
    });

    it('costs a project without news one request, however much was changed before', async () => {
      const start = (await changed(null)).cursor;
      for (let made = 0; made < 450; made += 1) {
        place.clock.pass(10);
        place.simulator.world.openIssue({ project: KEY, summary: `many ${String(made)}` });
      }
      place.clock.pass(60 * 60_000);
      const first = await changed(start);
      assert.equal(first.ids.length, 450);
      const second = await changed(first.cursor);
      place.simulator.clearRequests();
      assert.deepEqual((await changed(second.cursor)).ids, []);
      assert.equal(place.simulator.requests.length, 1);
    });
  });
