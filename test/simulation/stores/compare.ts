import { makeDatabase } from '../../store/database.ts';
import type { TestDatabase } from '../../store/database.ts';
import { newPool } from '../pool.ts';
import type { Pool } from '../pool.ts';
import type { Script } from '../script.ts';
import type { Played } from '../stage.ts';
import type { StoreKind } from './kinds.ts';

/** Idle processes look seldom: most of what a database is asked would be whether there is work. */
const POLL_MS = 10 * 60_000;
/** Seconds on an idle machine. */
const PATIENCE_MS = 10 * 60_000;

/** One script as it was played on every store. */
interface Compared {
  /** As it was played in memory. */
  played: Played;
  /** For each store that has another history, where it begins to be another one. */
  differences: readonly string[];
}

/** Plays scripts on every store, and looks whether all have the same history and the same rows. */
export interface Comparison {
  stores: readonly string[];
  compare(script: Script): Promise<Compared>;
  close(): Promise<void>;
}

/** PostgreSQL takes part where a server is given. */
export async function newComparison(serverUrl: string | undefined): Promise<Comparison> {
  const database = serverUrl === undefined ? undefined : await makeDatabase(serverUrl);
  const kinds: readonly StoreKind[] = [
    { name: 'PGlite' },
    ...(database === undefined || serverUrl === undefined ? [] : [postgres(database, serverUrl)]),
  ];
  const memory = newPool({ size: 1, store: { name: 'memory' }, patienceMs: PATIENCE_MS });
  const others = kinds.map((kind) => ({
    name: kind.name,
    pool: newPool({ size: 1, store: kind, patienceMs: PATIENCE_MS }),
  }));

  return {
    stores: ['memory', ...kinds.map(({ name }) => name)],
    async compare(given) {
      // Statements take no time, because a slow one lets other transactions go between.
      const script = { ...given, slowStore: 0 };
      const on = (pool: Pool): Promise<Played> => pool.play(script, { trace: true, pollMs: POLL_MS });
      const [played, ...all] = await Promise.all([on(memory), ...others.map(({ pool }) => on(pool))]);
      const differences = all.flatMap((other, index) =>
        other.trace === played.trace ? [] : [`${others[index]?.name}: ${firstDifference(played, other)}`],
      );
      return { played, differences };
    },
    async close() {
      for (const pool of [memory, ...others.map((each) => each.pool)]) await pool.close();
      await database?.drop();
    },
  };
}

function postgres({ url }: TestDatabase, serverUrl: string): StoreKind {
  const adminUrl = new URL(serverUrl);
  adminUrl.pathname = new URL(url).pathname;
  return { name: 'PostgreSQL', url, adminUrl: adminUrl.href };
}

function firstDifference(memory: Played, other: Played): string {
  const parts: [string, readonly string[], readonly string[]][] = [
    ['history', memory.lines, other.lines],
    ['violations', memory.violations.map(told), other.violations.map(told)],
    ...Object.keys({ ...memory.rows, ...other.rows }).map((name): (typeof parts)[number] => [
      name,
      memory.rows[name] ?? [],
      other.rows[name] ?? [],
    ]),
  ];
  for (const [what, one, two] of parts) {
    const length = Math.max(one.length, two.length);
    for (let index = 0; index < length; index += 1)
      if (one[index] !== two[index])
        return `${what} ${index}: ${two[index] ?? 'nothing'}, and in memory: ${one[index] ?? 'nothing'}`;
  }
  return 'what no line tells';
}

function told({ invariant, detail }: Played['violations'][number]): string {
  return `${invariant} ${detail}`;
}
