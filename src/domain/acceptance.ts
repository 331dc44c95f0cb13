import type { JournalEntry } from './event.ts';
import type { Link } from './link.ts';
import type { Status, Threat } from './threat.ts';

/** On what terms a risk is carried. */
export interface AcceptanceTerms {
  /** Who answers for it. */
  owner?: string;
  reason?: string;
  /** The day, in UTC, on whose beginning it ends: `2027-01-31`. Without one it does not end by itself. */
  expiresAt?: string;
}

export interface Acceptance extends AcceptanceTerms {
  since: string;
}

/** What is told in the issues of a threat whose acceptance has ended. */
export interface EndedAcceptance {
  status: 'accepted' | 'transferred';
  owner?: string;
  /** The day on which it ended. */
  on: string;
}

type Carried = Pick<Threat, 'status' | 'acceptance'>;

/** A risk that is still there, and that somebody has decided to carry. */
export function isCarried(status: Status): status is EndedAcceptance['status'] {
  return status === 'accepted' || status === 'transferred';
}

/**
 * The acceptance that goes with a status. Another status begins without the terms of the one before; new terms of the same
 * status replace them.
 */
export function acceptanceOf(
  before: Carried | undefined,
  status: Status,
  at: string,
  terms?: AcceptanceTerms,
): Pick<Threat, 'acceptance'> {
  if (!isCarried(status)) return {};
  const known = before?.status === status ? before : undefined;
  if (terms === undefined && known !== undefined)
    return known.acceptance === undefined ? {} : { acceptance: known.acceptance };
  return { acceptance: { ...terms, since: known?.acceptance?.since ?? at } };
}

/** The moment an acceptance ends, ISO; null = not by itself. */
export function endOfAcceptance({ status, acceptance }: Carried): string | null {
  if (!isCarried(status) || acceptance?.expiresAt === undefined) return null;
  return `${acceptance.expiresAt}T00:00:00.000Z`;
}

/** The last day of an acceptance that begins now and lasts at most so many days. */
export function dayAfter(at: string, days: number): string {
  return new Date(Date.parse(at) + days * DAY_MS).toISOString().slice(0, DAY_LENGTH);
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DAY_LENGTH = '2027-01-31'.length;

/** What becomes of a threat whose acceptance has ended, or undefined where it has not. */
export interface Expiry {
  threat: Threat;
  ended: EndedAcceptance;
  entry: JournalEntry;
}

/**
 * The threat is open again, in work if one of its links knows that it was. Undefined while the acceptance lasts, and where
 * people have decided otherwise meanwhile.
 */
export function expire(
  threat: Threat,
  links: readonly Pick<Link, 'lastOpenStatus'>[],
  at: string,
): Expiry | undefined {
  const end = endOfAcceptance(threat);
  const { acceptance, ...rest } = threat;
  const { status } = threat;
  if (end === null || end > at || acceptance?.expiresAt === undefined || !isCarried(status)) return undefined;
  const wasInWork = links.some(({ lastOpenStatus }) => lastOpenStatus === 'mitigating');
  const next: Status = wasInWork ? 'mitigating' : 'identified';
  return {
    threat: { ...rest, status: next, updatedAt: at },
    ended: {
      status,
      on: acceptance.expiresAt,
      ...(acceptance.owner === undefined ? {} : { owner: acceptance.owner }),
    },
    entry: {
      at,
      actor: 'sync',
      action: 'acceptance-ended',
      threatId: threat.id,
      field: 'status',
      before: status,
      after: next,
      note: wordsOfAcceptance(threat) ?? '',
    },
  };
}

/** `accepted by Ada until 2027-01-31: behind the VPN`; undefined without terms. */
export function wordsOfAcceptance({ status, acceptance }: Carried): string | undefined {
  if (!isCarried(status) || acceptance === undefined) return undefined;
  const { expiresAt, owner, reason } = acceptance;
  if (expiresAt === undefined && owner === undefined && reason === undefined) return undefined;
  const by = owner === undefined ? '' : ` by ${owner}`;
  const until = expiresAt === undefined ? '' : ` until ${expiresAt}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${status}${by}${until}${why}`;
}
