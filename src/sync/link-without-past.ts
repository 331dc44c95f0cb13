import type { Issue } from '../domain/issue.ts';
import type { Link } from '../domain/link.ts';
import { linkNames, statusOf, type Subject } from '../domain/mitigations.ts';
import { isOpen } from '../domain/threat.ts';
import { shownOf } from './record.ts';

interface Bound {
  id: string;
  integrationId: string;
  subject: Subject;
  issue: Issue;
  /** ISO. */
  at: string;
}

/**
 * The link of a threat, or a mitigation, and an issue that is there already. It has no past: what agrees is agreed at the first look, what
 * differs is asked, our block waits for an explicit sync.
 */
export function linkWithoutPast({ id, integrationId, subject, issue, at }: Bound): Link {
  const status = statusOf(subject);
  return {
    id,
    integrationId,
    ...linkNames(subject),
    state: 'linked',
    stateSince: at,
    issue: { ...issue.ref, url: issue.url },
    fields: {},
    lastOpenStatus: isOpen(status) ? status : 'identified',
    closedByUs: false,
    failures: 0,
    shown: shownOf(issue),
    version: 1,
    createdAt: at,
  };
}
