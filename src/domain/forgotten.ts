import type { FieldValues } from './link.ts';

/** An issue of ours whose link is not known, by what its mark and its text say. */
export interface MarkedIssue {
  linkId: string;
  /** The fingerprint of its subject's key. */
  key: string;
  shows: FieldValues;
}

/** A threat or a mitigation that goes to the integration. */
export interface Claimant {
  /** Of the subject: tells it apart from all others. */
  name: string;
  key: string;
  /** It has no link yet. */
  isFree: boolean;
  /** What its issue should show. */
  wants: FieldValues;
}

/** Whose the issues are. */
export interface Recognised {
  pairs: readonly { linkId: string; name: string }[];
  /** Those, by name, that may have one of the other issues: to make another one for them is for a person to say. */
  unsure: readonly string[];
}

/**
 * Tell whose issues these are. A key that one alone has is enough; where several have it, as copies of a model do, the
 * issue must also show what the one wants and no other does.
 */
export function recognise(issues: readonly MarkedIssue[], claimants: readonly Claimant[]): Recognised {
  const pairs = issues.flatMap((issue) => {
    const owner = ownerOf(issue, issues, claimants);
    return owner?.isFree === true ? [{ linkId: issue.linkId, name: owner.name }] : [];
  });
  const open = issues.filter(({ linkId }) => !pairs.some((pair) => pair.linkId === linkId));
  const unsure = claimants
    .filter(({ isFree, name }) => isFree && !pairs.some((pair) => pair.name === name))
    .filter(({ key }) => open.some((issue) => issue.key === key));
  return { pairs, unsure: unsure.map(({ name }) => name) };
}

function ownerOf(
  issue: MarkedIssue,
  issues: readonly MarkedIssue[],
  claimants: readonly Claimant[],
): Claimant | undefined {
  const same = claimants.filter(({ key }) => key === issue.key);
  const rivals = issues.filter(({ key }) => key === issue.key);
  const [only] = same;
  if (same.length === 1 && rivals.length === 1) return only;
  const [alike, ...others] = same.filter((each) => each.isFree && isAlike(each, issue));
  const isMutual = alike !== undefined && rivals.filter((each) => isAlike(alike, each)).length === 1;
  return others.length === 0 && isMutual ? alike : undefined;
}

/** People may have edited one of the two texts, hardly both. */
function isAlike({ wants }: Claimant, { shows }: MarkedIssue): boolean {
  return (['title', 'block'] as const).some((field) => wants[field] != null && wants[field] === shows[field]);
}
