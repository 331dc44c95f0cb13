import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where results are kept from sitting to sitting: git ignores it. */
const FOLDER = 'reports';

/** What came of one part, or of a slice of it. */
export const Result = z.object({
  part: z.string(),
  /** Which of the part's cases these are; the same slice again replaces this one. */
  slice: z.string(),
  /** How often it was tried. */
  amount: z.int(),
  violations: z.int(),
  /** What else there is to say in a few words. */
  note: z.string(),
  seconds: z.int(),
  /** The highest load average of the machine that was seen, over a minute. */
  load: z.number(),
  at: z.iso.datetime(),
  commit: z.string(),
  /** As one types it. */
  command: z.string(),
});
export type Result = z.infer<typeof Result>;

/** `set` names the parts that belong together. */
export function keep(set: string, result: Result): void {
  mkdirSync(join(FOLDER, set), { recursive: true });
  const name = `${result.part}-${result.slice}`.replaceAll(/[^\w-]+/g, '-');
  writeFileSync(join(FOLDER, set, `${name}.json`), JSON.stringify(result, undefined, 2));
}

/** Everything of the set that is kept, oldest first. Throws where a file is none of ours. */
export function kept(set: string): Result[] {
  const folder = join(FOLDER, set);
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => Result.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .toSorted((one, other) => one.at.localeCompare(other.at));
}
