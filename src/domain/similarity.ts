import { normalise } from './identity.ts';

/**
 * How alike two titles are, from 0 to 1: the share of letter pairs that they have in common (Sørensen and Dice).
 * Titles that normalise to the same text are 1.
 */
export function similarity(left: string, right: string): number {
  const [one, other] = [normalise(left), normalise(right)];
  if (one === other) return 1;
  if (one.length < 2 || other.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (const pair of pairsOf(one)) pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  let shared = 0;
  for (const pair of pairsOf(other)) {
    const unused = pairs.get(pair) ?? 0;
    if (unused === 0) continue;
    pairs.set(pair, unused - 1);
    shared += 1;
  }
  return (2 * shared) / (one.length + other.length - 2);
}

function* pairsOf(text: string): Generator<string> {
  for (let at = 0; at + 1 < text.length; at += 1) yield text.slice(at, at + 2);
}
