// Every property test takes fast-check from here, so that a run is the same today and tomorrow. To explore other examples:
// `FC_SEED=random npm test -- test/providers`, or `FC_SEED=42` for one seed.
import { configureGlobal } from 'fast-check';

export * as fc from 'fast-check';

const SEED = 20_261_122;

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

configureGlobal({ seed: seedOf(process.env['FC_SEED']) });
