import { AppError } from './errors.ts';
import type { LinkState } from './link.ts';

/** Which state a link may go to from each; staying is always allowed. Everything not listed is a mistake. */
const NEXT: Readonly<Record<LinkState, readonly LinkState[]>> = {
  // Only look-up or create may follow: the issue is bound, or the tracker refused it.
  creating: ['linked', 'quarantined'],
  linked: ['dormant', 'threat-gone', 'issue-gone', 'moved', 'quarantined', 'detached'],
  dormant: ['linked', 'detached'],
  // To issue-gone or back to threat-gone never loses a side: both gone ends in detached.
  'threat-gone': ['linked', 'issue-gone', 'detached'],
  'issue-gone': ['linked', 'creating', 'detached'],
  moved: ['linked', 'detached'],
  // Back to creating only while nothing is bound: a refused create is tried again.
  quarantined: ['linked', 'creating', 'detached'],
  // Only by taking back the undo that has ended it.
  detached: ['linked'],
};

/** A link begins with its intent, or bound by a person: at once in use, or waiting for the first sync's consent. */
const FIRST: readonly LinkState[] = ['creating', 'linked', 'dormant'];

export function mayBegin(state: LinkState): boolean {
  return FIRST.includes(state);
}

export function mayBecome(from: LinkState, to: LinkState): boolean {
  return from === to || NEXT[from].includes(to);
}

/** The part of a link that its state makes a promise about. */
interface Bound {
  id: string;
  state: LinkState;
  issue?: unknown;
}

/** Throws `internal`: an illegal step is a mistake of ours, and must not reach the database. `from` undefined = a new link. */
export function assertLinkStep(from: LinkState | undefined, link: Bound): void {
  const legal = from === undefined ? mayBegin(link.state) : mayBecome(from, link.state);
  if (!legal)
    throw new AppError('internal', `link ${link.id} may not go from ${from ?? 'nothing'} to ${link.state}`);
  if (link.state === 'creating' && link.issue !== undefined)
    throw new AppError('internal', `link ${link.id} is creating but already bound to an issue`);
  const needsIssue = !['creating', 'quarantined', 'detached'].includes(link.state);
  if (needsIssue && link.issue === undefined)
    throw new AppError('internal', `link ${link.id} is ${link.state} but bound to no issue`);
}
