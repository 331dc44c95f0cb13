import { SKIP_POSTGRES, testServer } from '../../store/database.ts';
import type { Script } from '../script.ts';
import { newComparison } from './compare.ts';

/** Plays scripts on every store that there is, and tells what differs; answers how many scripts did, or broke a promise. */
export async function playOnAllStores(scripts: readonly Script[]): Promise<number> {
  const comparison = await newComparison(SKIP_POSTGRES === false ? testServer() : undefined);
  if (SKIP_POSTGRES !== false) console.log(`PostgreSQL is skipped: ${SKIP_POSTGRES}`);
  let different = 0;
  let broken = 0;
  try {
    for (const script of scripts) {
      const { played, differences } = await comparison.compare(script);
      const { seed, profile } = script;
      const told = (what: string): void => console.log(`SIM ${what} seed=${seed} profile=${profile}`);
      if (differences.length > 0) different += 1;
      for (const each of differences) told(`DIFFERS ${each}`);
      if (played.violations.length > 0) broken += 1;
      for (const { invariant, detail } of played.violations) told(`FAIL ${invariant} ${detail}`);
      if (played.violations.length + differences.length > 0)
        console.log(`  npm run sim -- --stores --seed ${seed} --profile ${profile}`);
    }
  } finally {
    await comparison.close();
  }
  console.log(
    `${scripts.length} seeds on ${comparison.stores.join(', ')}, ${different} with another history, ${broken} with a violation`,
  );
  return different + broken;
}
