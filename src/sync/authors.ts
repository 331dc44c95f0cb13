import { pastFieldOf } from '../domain/crossed.ts';
import { AppError } from '../domain/errors.ts';
import type { LookBack, PastChange } from '../domain/issue.ts';
import type { FieldKey, SideChange } from '../domain/link.ts';
import type { Decided } from './gather.ts';
import type { Work } from './work.ts';

/**
 * With who changed the issue's side of each conflict that is new, as far as the tracker tells: asked once for all of them. Goes on
 * without where it does not answer.
 */
export async function withAuthors(work: Work, decided: readonly Decided[]): Promise<readonly Decided[]> {
  const looks = decided.flatMap((each) => lookOf(each) ?? []);
  if (looks.length === 0) return decided;
  const told = await historyOf(work, looks);
  const ours = work.session.integration.bound?.accountIds ?? [];
  return decided.map((each) => {
    const history = told.get(each.issue.ref.id);
    if (history === undefined) return each;
    const theirs = history.filter(({ by }) => !ours.includes(by));
    const authors = newConflicts(each).flatMap((field): [FieldKey, SideChange][] => {
      const author = authorOf(field, theirs);
      return author === undefined ? [] : [[field, author]];
    });
    return authors.length === 0 ? each : { ...each, authors: new Map(authors) };
  });
}

function newConflicts({ steps, pair }: Decided): FieldKey[] {
  return steps
    .filter(({ kind, field }) => kind === 'conflict' && pair.link.fields[field]?.kind !== 'conflict')
    .map(({ field }) => field);
}

/** From its beginning on: when it changed is what is asked. */
function lookOf(each: Decided): LookBack | undefined {
  if (each.authors !== undefined) return undefined;
  const fields = new Set(newConflicts(each).flatMap((field) => pastFieldOf(field) ?? []));
  if (fields.size === 0) return undefined;
  const { ref, createdAt } = each.issue;
  return { ref, seen: { version: '0', updatedAt: createdAt }, fields };
}

async function historyOf(
  { session, signal }: Work,
  looks: readonly LookBack[],
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  try {
    return await session.tracker.history(looks, signal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return new Map();
  }
}

function authorOf(field: FieldKey, history: readonly PastChange[]): SideChange | undefined {
  const last = history.findLast((each) => each.field === pastFieldOf(field));
  if (last === undefined) return undefined;
  const by = last.name ?? last.by;
  return { at: last.at, how: 'tracker', ...(by === '' ? {} : { by }) };
}
