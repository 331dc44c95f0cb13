/** More of a model than this share, and more threats than `FEW`, may not vanish in one import unseen. */
const SHARE = 0.3;
const FEW = 5;

/**
 * Why an import should wait for a person, in words; undefined = go on.
 * `present` counts our present threats before it, `gone` those it would lose, `found` what the source holds.
 */
export function heldBecause(present: number, gone: number, found: number): string | undefined {
  if (found === 0 && present > 0) return `the source holds no threat, and we know ${present}`;
  if (gone <= FEW || gone <= present * SHARE) return undefined;
  return `${gone} of ${present} threats are no longer in the source`;
}

/** True when more than 30 % of a file's threats belong to a model: it may be a copy or a renamed file of it. */
export function looksLike(matches: number, found: number): boolean {
  return found > 0 && matches > found * SHARE;
}
