import assert from 'node:assert/strict';
import type { Issue, IssueChange, IssueRef, Placing, WriteOutcome } from '../../src/domain/issue.ts';
import type { Checkup, CheckName, CheckItem, Connection, Cursor, Tracker } from '../../src/ports/tracker.ts';

/** What people do at the tracker, behind our back. */
export interface People {
  open(issue: { title: string; body?: string; labels?: readonly string[] }): Promise<IssueRef>;
  editTitle(ref: IssueRef, title: string): Promise<void>;
  editText(ref: IssueRef, edit: (text: string) => string): Promise<void>;
  close(ref: IssueRef, as: 'done' | 'dropped'): Promise<void>;
  reopen(ref: IssueRef): Promise<void>;
  addLabel(ref: IssueRef, label: string): Promise<void>;
  removeLabel(ref: IssueRef, label: string): Promise<void>;
  comment(ref: IssueRef, text: string): Promise<void>;
  remove(ref: IssueRef): Promise<void>;
  /** To another project. */
  move(ref: IssueRef): Promise<void>;
  publish(): Promise<void>;
  /** The account loses its access to the project. */
  lockOut(): Promise<void>;
  revokeToken(): Promise<void>;
}

/** What goes wrong with the next write, or with the next reads. */
export interface Faults {
  write(kind: 'lost-before' | 'lost-after' | 'rate-limited' | 'refused' | 'web-page'): void;
  reads(kind: 'web-page' | 'wrong-schema' | 'nothing' | 'emptied'): void;
}

/** How issues stand under others, seen from the tracker. */
export interface HierarchyWorld {
  /** What the tracker has, and what is left after `without`. */
  best: Placing;
  atLeast: Placing;
  /** How and under which issue it stands now; fails where it stands there twice. */
  placeOf: (ref: IssueRef) => { kind: Placing; key: string } | undefined;
  /** A person puts it under another issue. */
  putUnder: (ref: IssueRef, parent: IssueRef) => void;
  /** `false`: what `without` takes away shows only when it is asked for. */
  isKnown?: boolean;
  /** From now on the tracker has no hierarchy for issues like these. */
  without: () => void;
}

/** A tracker with its other side, made anew for every test. */
export interface TrackerWorld {
  connection: Connection;
  tracker: Tracker;
  /** The same project for somebody who comes later: nothing is remembered. */
  another(): Tracker;
  people: People;
  faults: Faults;
  hierarchy: HierarchyWorld;
  now(): Date;
  /** Time passes, for us and for the tracker. */
  pass(ms: number): void;
  calls(): number;
  hookUrl: string;
  /** An old server without the means to read many at once. */
  readsSingly?: boolean;
  /** Several creates go in one request, and its failure is that of them all. */
  createsTogether?: boolean;
  /** Requests that it takes to tell who may see the project; one if left out. */
  projectCalls?: number;
  /** People's words above and below our block, where it does not lie between HTML comments. */
  around?: (body: string) => readonly [string, string];
  /** `false`: a deleted issue looks like one that the account may not see. */
  provesDeletion?: boolean;
  /** `false`: closed is closed; why it was not done is said by labels alone. */
  tellsDropped?: boolean;
  close(): Promise<void>;
}

export const MARK =
  'tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=0123456789abcdef mac=fedcba9876543210';
export const COMMENT_MARK = 'tmi:comment v=1 op=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f mac=fedcba9876543210';
export const HOUR_MS = 3_600_000;

/** What every test of the suite starts from, and the few things it does again and again. */
export interface Stage {
  /** Of the test that runs. */
  readonly world: TrackerWorld;
  readonly signal: AbortSignal;
  text: (words: string) => string;
  create: (title?: string, words?: string) => Promise<Issue>;
  update: (
    seen: Issue,
    change: IssueChange,
    seenAt?: Date,
    watched?: readonly string[],
  ) => Promise<WriteOutcome>;
  read: (ref: IssueRef, tracker?: Tracker) => Promise<Issue>;
  /** A cursor that starts now. */
  start: () => Promise<Cursor>;
  /** All that changed since, and where to go on. */
  changed: (cursor: Cursor) => Promise<{ ids: string[]; cursor: Cursor }>;
}

export function stageOf(worldNow: () => TrackerWorld): Stage {
  const { signal } = new AbortController();
  const text = (words: string): string =>
    worldNow().connection.format.block([{ kind: 'quote', text: words }], 10_000);
  async function changed(cursor: Cursor | null): Promise<{ ids: string[]; cursor: Cursor }> {
    const ids: string[] = [];
    let last = cursor;
    for await (const page of worldNow().tracker.changes(cursor, signal)) {
      ids.push(...page.refs.map((ref) => ref.id));
      last = page.cursor;
    }
    assert.ok(last !== null);
    return { ids, cursor: last };
  }
  return {
    get world() {
      return worldNow();
    },
    signal,
    text,
    async create(title = 'Threat: a queue is read', words = 'somebody reads the queue') {
      const block = { mark: MARK, text: text(words) };
      const write = { kind: 'create', title, block, labels: ['threat-model'] } as const;
      const [outcome] = await worldNow().tracker.write([write], signal);
      return issueIn(outcome);
    },
    async update(seen, change, seenAt = worldNow().now(), watched = []) {
      const write = {
        kind: 'update',
        ref: seen.ref,
        seen,
        seenAt: seenAt.toISOString(),
        change,
        watched,
      } as const;
      const [outcome] = await worldNow().tracker.write([write], signal);
      assert.ok(outcome);
      return outcome;
    },
    async read(ref, tracker = worldNow().tracker) {
      const outcome = (await tracker.read([ref], signal)).get(ref.id);
      assert.equal(outcome?.kind, 'found');
      return outcome.issue;
    },
    async start() {
      const { ids, cursor } = await changed(null);
      assert.deepEqual(ids, []);
      return cursor;
    },
    changed,
  };
}

/** What people wrote above and below our block, as it is stored. */
export function aroundBlock(world: TrackerWorld, body: string): readonly [string, string] {
  if (world.around !== undefined) return world.around(body);
  const [above, below] = body.split(/<!-- tmi:begin[^>]*-->[^]*<!-- tmi:end -->/);
  assert.ok(above !== undefined && below !== undefined, body);
  return [above, below];
}

export function issueIn(outcome: WriteOutcome | undefined): Issue {
  assert.ok(outcome?.kind === 'written' && outcome.issue !== undefined, JSON.stringify(outcome));
  return outcome.issue;
}

export function checkOf(checkup: Checkup, name: CheckName): CheckItem['outcome'] | undefined {
  return checkup.items.find((item) => item.name === name)?.outcome;
}
