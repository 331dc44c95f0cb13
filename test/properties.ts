// Every property test takes fast-check from here, so that a run is the same today and tomorrow. To explore other examples:
// `FC_SEED=random npm test -- test/providers`, or `FC_SEED=42` for one seed. `FC_RUNS=100000` draws more of them.
import { configureGlobal } from 'fast-check';

export * as fc from 'fast-check';

const SEED = 20_261_122;
const RUNS = 100;

/** The seed of all examples of this process. Throws on a word that is no seed. */
function seedOf(word: string | undefined): number {
  if (word === undefined || word === '') return SEED;
  // Each process draws its own; fast-check names it where a property fails.
  if (word === 'random') return Math.trunc(Math.random() * 2 ** 31);
  const seed = Number(word);
  if (!Number.isSafeInteger(seed))
    throw new Error(`FC_SEED must be "random" or a whole number, not "${word}".`);
  return seed;
}

/** How many examples each property is tried with, where it does not say so itself. Throws on a word that is no such number. */
function runsOf(word: string | undefined): number {
  if (word === undefined || word === '') return RUNS;
  const runs = Number(word);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new Error(`FC_RUNS must be a whole number above 0, not "${word}".`);
  return runs;
}

configureGlobal({ seed: seedOf(process.env['FC_SEED']), numRuns: runsOf(process.env['FC_RUNS']) });
