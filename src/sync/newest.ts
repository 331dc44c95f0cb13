import { lastChangeOf } from '../domain/conflict-cause.ts';
import type { JournalEntry } from '../domain/event.ts';
import type { FieldKey } from '../domain/link.ts';
import { mayComeByLabel } from '../domain/status-words.ts';
import type { FieldTimes } from '../domain/winner.ts';
import { policyOf } from '../domain/winner.ts';
import { withAuthors } from './authors.ts';
import { decide, type Decided } from './gather.ts';
import type { Work } from './work.ts';

const JOURNAL = 50;

/**
 * Decides again what the policy `newest` could not: with the time at which a threat's field was set here, and at which the
 * tracker's history says that the issue's was changed. A file tells no time of a field, nor does another tracker: there it asks.
 */
export async function judgeNewest(work: Work, decided: readonly Decided[]): Promise<readonly Decided[]> {
  const contested = decided.filter((each) => contestedIn(work, each).length > 0);
  if (contested.length === 0) return decided;
  const told = new Map((await withAuthors(work, contested)).map((each) => [each.pair.link.id, each]));
  const journals = await journalsOf(work, contested);
  return decided.map((each) => {
    const known = told.get(each.pair.link.id);
    if (known === undefined) return each;
    const { pair, issue, authors } = known;
    const journal = journals.get(pair.threat.id) ?? [];
    const threat: Partial<Record<FieldKey, string>> = {};
    const theirs: Partial<Record<FieldKey, string>> = {};
    for (const field of contestedIn(work, known)) {
      const ours = setHereAt(field, journal);
      if (ours !== undefined) threat[field] = work.session.clock.translate(ours);
      const author = authors?.get(field);
      if (author !== undefined && isTimed(work, known, field)) theirs[field] = author.at;
    }
    const times: FieldTimes = { threat, issue: theirs };
    return {
      ...decide(work.session, pair, issue, work.approved, times),
      ...(authors === undefined ? {} : { authors }),
    };
  });
}

/** New conflicts of fields that the newer edit shall win. */
function contestedIn({ session }: Work, { steps, pair }: Decided): FieldKey[] {
  return steps
    .filter(({ kind, field }) => kind === 'conflict' && pair.link.fields[field]?.kind !== 'conflict')
    .map(({ field }) => field)
    .filter((field) => policyOf(field, session.integration.mapping) === 'newest');
}

/** The history tells when a status was changed by closing and the like, not by a label. */
function isTimed({ session }: Work, { pair, shown }: Decided, field: FieldKey): boolean {
  const { mapping } = session.integration;
  const words = [pair.link.base?.issue[field] ?? null, shown[field] ?? null];
  return field !== 'status' || words.every((word) => !mayComeByLabel(word, mapping));
}

function setHereAt(field: FieldKey, journal: readonly JournalEntry[]): string | undefined {
  const last = lastChangeOf(field, journal);
  return last?.how === 'api' || last?.how === 'expiry' ? last.at : undefined;
}

async function journalsOf(
  { parts, session }: Work,
  decided: readonly Decided[],
): Promise<ReadonlyMap<string, readonly JournalEntry[]>> {
  const threatIds = new Set(decided.map(({ pair }) => pair.threat.id));
  return parts.store.tenant(session.tenantId).transact(async (tx) => {
    const journals = new Map<string, readonly JournalEntry[]>();
    for (const threatId of threatIds)
      journals.set(threatId, await tx.journal.takenOfThreat(threatId, JOURNAL));
    return journals;
  });
}
