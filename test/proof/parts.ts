import { tests, type Part } from './part.ts';

const RUN = 'bin/run.mjs';
const CASES = 100_000;
const whole = (): string => 'all';

/** A storm of crashes, and who takes part in it. */
function crashes(name: string, what: string, enough: number, options: string): Part {
  return {
    name,
    what,
    enough,
    args: () => [RUN, 'test/crash/main.ts', ...options.split(' ')],
    typed: () => `npm run crash -- ${options}`,
    slice: whole,
    read(words) {
      const [, kills, faults, violations] =
        /^(\d+) kills, (\d+) other faults, (\d+) violations/m.exec(words) ?? [];
      return violations === undefined
        ? undefined
        : { amount: Number(kills), violations: Number(violations), note: `kills; ${faults} other faults` };
    },
  };
}

/** In the order of the table. */
export const PARTS: readonly Part[] = [
  {
    name: 'table',
    what: 'every pattern of pasts and values × rule × kind of field; every status × word × policy',
    enough: 5_460 + 51_200,
    ...tests(
      ['test/domain/reconcile-table.test.ts', 'test/domain/status-table.test.ts'],
      /# (\d+) rows$/gm,
      'rows',
    ),
    typed: () => 'npm test -- test/domain/reconcile-table.test.ts test/domain/status-table.test.ts',
    slice: whole,
  },
  {
    name: 'merge',
    what: 'random cases of merge, for each of its laws',
    enough: CASES,
    ...tests(['test/domain/merge.test.ts'], /# (\d+) cases$/gm, 'cases'),
    typed: () => `FC_RUNS=${CASES} npm test -- test/domain/merge.test.ts`,
    env: { FC_RUNS: String(CASES) },
    slice: whole,
  },
  {
    name: 'reconcile',
    what: 'random lives of a link, held against every law of reconcile',
    enough: CASES,
    ...tests(['test/domain/reconcile-laws.test.ts'], /# (\d+) lives, \d+ runs$/gm, 'lives'),
    typed: () => `FC_RUNS=${CASES} npm test -- test/domain/reconcile-laws.test.ts`,
    env: { FC_RUNS: String(CASES) },
    slice: whole,
  },
  {
    name: 'simulation',
    what: 'simulated histories with faults of every kind',
    enough: 10_000,
    args: ({ seeds, from }) => [
      RUN,
      'test/simulation/main.ts',
      '--seeds',
      String(seeds),
      '--from',
      String(from),
    ],
    typed: ({ seeds, from }) => `npm run sim -- --seeds ${seeds} --from ${from}`,
    slice: ({ seeds, from }) => `${from}-${from + seeds - 1}`,
    read(words) {
      const [, amount, violations] = /^(\d+) seeds, (\d+) with a violation/m.exec(words) ?? [];
      return violations === undefined
        ? undefined
        : { amount: Number(amount), violations: Number(violations), note: 'seeds' };
    },
  },
  {
    name: 'stores',
    what: 'seeds with the same history in memory, on PGlite and on PostgreSQL',
    enough: 50,
    args: () => [RUN, 'test/simulation/main.ts', '--stores', '--seeds', '50'],
    typed: () => 'npm run sim -- --stores --seeds 50',
    env: { REQUIRE_SERVICES: '1' },
    slice: whole,
    read(words) {
      const [, amount, different, broken] =
        /^(\d+) seeds on memory, PGlite, PostgreSQL, (\d+) with another history, (\d+) with a violation/m.exec(
          words,
        ) ?? [];
      return broken === undefined
        ? undefined
        : { amount: Number(amount), violations: Number(different) + Number(broken), note: 'seeds' };
    },
  },
  {
    name: 'planted',
    what: 'bugs on purpose, found by the simulation within 500 seeds',
    enough: 20,
    args: () => [RUN, 'test/simulation/main.ts', '--planted'],
    typed: () => 'npm run sim -- --planted',
    slice: whole,
    read(words) {
      const [, found, all] = /^(\d+) of (\d+) planted bugs found/m.exec(words) ?? [];
      return all === undefined
        ? undefined
        : { amount: Number(all), violations: Number(all) - Number(found), note: 'bugs' };
    },
  },
  crashes(
    'crash-postgres',
    'SIGKILL with PostgreSQL, itself crashing',
    200,
    '--full --store postgres --timing tenth',
  ),
  crashes('crash-pglite', 'SIGKILL with PGlite', 200, '--full --store pglite --timing tenth'),
  crashes(
    'crash-two',
    'SIGKILL of two workers on one database',
    20,
    '--store postgres --replicas 2 --timing tenth --minutes 5',
  ),
  crashes(
    'crash-eight',
    'SIGKILL of eight workers on one database',
    20,
    '--store postgres --replicas 8 --timing tenth --minutes 5',
  ),
  {
    name: 'mutation',
    what: 'changes on purpose in domain/, verify, seal and guard, noticed by a test (85 % is enough)',
    enough: 1_000,
    args: () => [RUN, 'test/mutation/main.ts'],
    typed: () => 'npm run mutate',
    slice: whole,
    read(words) {
      const [, score, killed, mutants] = /^ *([\d.]+) % +(\d+) of (\d+) mutants killed in/m.exec(words) ?? [];
      return mutants === undefined
        ? undefined
        : {
            amount: Number(mutants),
            violations: Number(score) < 85 ? 1 : 0,
            note: `mutants; ${killed} noticed, ${score} %`,
          };
    },
  },
];
