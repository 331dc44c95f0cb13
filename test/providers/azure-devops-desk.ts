import assert from 'node:assert/strict';
import type { Issue, IssueChange, IssueRef, IssueWrite, WriteOutcome } from '../../src/domain/issue.ts';
import type { Cursor } from '../../src/ports/tracker.ts';
import { HERE, openAzureDevops, ORGANIZATION } from './azure-devops-world.ts';
import type { AzureDevopsPlace } from './azure-devops-world.ts';

export const MARK =
  'tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=0123456789abcdef mac=fedcba9876543210';
const { signal } = new AbortController();

export function createOf(over: Partial<Extract<IssueWrite, { kind: 'create' }>> = {}): IssueWrite {
  return {
    kind: 'create',
    title: 'T',
    block: { mark: MARK, text: '<p>x</p>' },
    labels: ['threat-model'],
    ...over,
  };
}

export function issueOf(outcome: WriteOutcome | undefined): Issue {
  assert.ok(outcome?.kind === 'written' && outcome.issue, JSON.stringify(outcome));
  return outcome.issue;
}

/** Field and code of what was left out. */
export function unwritten(outcome: WriteOutcome | undefined): unknown {
  assert.ok(outcome?.kind === 'written', JSON.stringify(outcome));
  return outcome.unwritten?.map(({ field, code }) => [field, code]);
}

export function at({ id }: Pick<IssueRef, 'id'>): { organization: string; id: number } {
  return { organization: ORGANIZATION, id: Number(id) };
}

/** What the tests of our requests do again and again, at a simulated project that was checked already. */
export interface Desk {
  readonly place: AzureDevopsPlace;
  /** Method, path and status of every request since the last write. */
  sent(): string[];
  write(...writes: readonly IssueWrite[]): Promise<readonly WriteOutcome[]>;
  updateOf(seen: Issue, what: IssueChange): IssueWrite;
  created(over?: Parameters<typeof createOf>[0]): Promise<Issue>;
  change(seen: Issue, what: IssueChange): Promise<WriteOutcome | undefined>;
  item(ref: IssueRef): Readonly<Record<string, unknown>>;
  /** By a person. */
  filed(title: string): IssueRef;
  read(ref: IssueRef): Promise<Issue>;
  poll(cursor: Cursor | null): Promise<{ ids: string[]; cursor: Cursor }>;
  close(): Promise<void>;
}

export async function openDesk(wish: Parameters<typeof openAzureDevops>[0] = {}): Promise<Desk> {
  const place = await openAzureDevops(wish);
  await place.tracker.checkup(signal);
  place.simulator.clearRequests();
  const desk: Desk = {
    place,
    sent: () =>
      place.simulator.requests.map(
        ({ method, path, status }) =>
          `${method} ${path.replace(/^\/[0-9a-f-]{36}/, '').replace('/_apis/wit', '')} ${String(status)}`,
      ),
    async write(...writes) {
      place.simulator.clearRequests();
      return place.tracker.write(writes, signal);
    },
    updateOf: (seen, what) => ({
      kind: 'update',
      ref: seen.ref,
      seen,
      seenAt: place.clock.now().toISOString(),
      change: what,
    }),
    created: async (over) => issueOf((await desk.write(createOf(over)))[0]),
    change: async (seen, what) => (await desk.write(desk.updateOf(seen, what)))[0],
    item: ({ id }) => place.simulator.world.item(ORGANIZATION, Number(id)).fields,
    filed(title) {
      const { id } = place.simulator.world.openItem({ ...HERE, title });
      return { id: String(id), key: String(id) };
    },
    async read(ref) {
      const outcome = (await place.tracker.read([ref], signal)).get(ref.id);
      assert.ok(outcome?.kind === 'found', JSON.stringify(outcome));
      return outcome.issue;
    },
    async poll(cursor) {
      const ids: string[] = [];
      let last = cursor;
      for await (const page of place.tracker.changes(cursor, signal)) {
        ids.push(...page.refs.map(({ id }) => id));
        last = page.cursor;
      }
      assert.ok(last !== null);
      return { ids, cursor: last };
    },
    close: () => place.close(),
  };
  return desk;
}
