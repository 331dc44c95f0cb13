/** Which side a field was written to: the issue (pushed) or the threat (pulled). */
export type Direction = 'pushed' | 'pulled';

/** Turns of a field within an hour that people may need; whoever makes more is a program. */
const MOST_TURNS = 3;

/**
 * Does somebody else's program write this field back each time that we follow it? `written` is the last hour's, oldest first;
 * `next` is what we are about to do.
 */
export function isFoughtOver(written: readonly Direction[], next: Direction): boolean {
  const all = [...written, next];
  return all.filter((direction, index) => index > 0 && direction !== all[index - 1]).length > MOST_TURNS;
}
