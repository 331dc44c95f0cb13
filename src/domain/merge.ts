/** One side of a field: what it says now, and what it said when we last agreed. `null` is an absent value. */
export interface Seen {
  now: string | null;
  before: string | null;
}

export type Verdict = 'unchanged' | 'agreed' | 'threat-changed' | 'issue-changed' | 'conflict';

/**
 * Decide who changed a field. Each side is compared only with its own past, so a tracker that cuts or re-renders what
 * we wrote never looks like an edit; the sides meet only as `put`, what the issue should show for the threat as it is now.
 */
export function judge(threat: Seen, issue: Seen, put: string | null): Verdict {
  const threatChanged = threat.now !== threat.before;
  const issueChanged = issue.now !== issue.before;
  if (!threatChanged && !issueChanged) return 'unchanged';
  if (put === issue.now) return 'agreed';
  if (threatChanged && issueChanged) return 'conflict';
  return threatChanged ? 'threat-changed' : 'issue-changed';
}
