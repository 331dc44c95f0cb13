/** What a tracker's API allows at best, in issues of one request; `docs/calls.md` says where each number comes from. */
interface Batches {
  /** Before anything else: who the project is and who may see it. */
  looks: number;
  /** Before anything is written or read: what the states mean, where an issue itself does not say it. */
  types: number;
  creates: number;
  /** Where a create does not answer with the issue: how many are read back in one request. */
  readBack?: number;
  reads: number;
}

/** By the title of a simulator in the catalogue. */
export const BATCHES: Readonly<Record<string, Batches>> = {
  GitHub: { looks: 1, types: 0, creates: 1, reads: 100 },
  GitLab: { looks: 1, types: 0, creates: 1, reads: 100 },
  // What everybody may see is told only by a second, unsigned look.
  'Jira Cloud': { looks: 2, types: 0, creates: 50, readBack: 100, reads: 100 },
  'Jira Data Center': { looks: 2, types: 0, creates: 50, readBack: 100, reads: 100 },
  'Azure DevOps Services': { looks: 1, types: 1, creates: 200, reads: 200 },
  'Azure DevOps Server': { looks: 1, types: 1, creates: 200, reads: 200 },
};

/** The list of what has changed. */
const POLL = 1;

/** The fewest requests of a run that creates and reads so many issues. */
export function leastFor(batches: Batches, { creates = 0, reads = 0 }): number {
  const { looks, types, readBack } = batches;
  const checks = looks + POLL + (creates + reads > 0 ? types : 0);
  const back = readBack === undefined ? 0 : Math.ceil(creates / readBack);
  return checks + Math.ceil(creates / batches.creates) + back + Math.ceil(reads / batches.reads);
}
