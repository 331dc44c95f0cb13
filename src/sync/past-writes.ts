import { type Crossed, crossedBy, pastFieldsOf } from '../domain/crossed.ts';
import { AppError } from '../domain/errors.ts';
import type { Issue, LookBack, PastChange, ReadOutcome } from '../domain/issue.ts';
import type { FieldKey, Link, Op } from '../domain/link.ts';
import { type Questionable, questionable, wasCarriedOut, wasSetByOthers } from '../domain/overtaken.ts';
import { statusWordOf } from '../domain/status-words.ts';
import type { Session } from './session.ts';

/** What the tracker's history tells of writes whose outcome is not known, or not all of it. */
export interface PastWrites {
  /** Ids of those whose status was carried out, and was changed by somebody else since. */
  overtaken: ReadonlySet<string>;
  /** Ids of those whose status the issue shows because somebody else wanted the same: they have not arrived. */
  notOurs: ReadonlySet<string>;
  /** Edits of others that they went over, by field. */
  crossed: ReadonlyMap<FieldKey, Crossed>;
}

/** Writes of one link to look back at, and its issue as it is now. */
interface Asked {
  link: Pick<Link, 'id' | 'base'>;
  ops: readonly Op[];
  issue: Issue;
}

/**
 * By link: an issue that was closed by us and reopened by a person looks as if the close had never arrived, and an edit that a
 * write has gone over leaves no trace in the issue; the tracker's history tells. Asked together for all that have such writes.
 */
export async function pastWrites(
  session: Session,
  pairs: readonly { link: Link; ops: readonly Op[]; outcome: ReadOutcome | undefined }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PastWrites>> {
  const asked = pairs.flatMap(({ link, ops, outcome }): Asked[] =>
    outcome?.kind === 'found' && ops.length > 0 ? [{ link, ops, issue: outcome.issue }] : [],
  );
  return lookBackAt(session, asked, signal);
}

/** The same of writes that were just carried out, before anybody has looked at their issues again. */
export async function lookBackAt(
  session: Session,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PastWrites>> {
  const { integration, shape, connection } = session;
  const { mapping, bound } = integration;
  const accountIds = bound?.accountIds ?? [];
  const swaps = connection.capabilities.updatesPerLookBack === undefined;
  const questions = asked.flatMap((each) => {
    const before = each.link.base?.issue.status;
    const asks = questionable(each.ops, before, mapping);
    const look = lookOf(each, asks, swaps);
    return look === undefined ? [] : [{ ...each, asks, look }];
  });
  if (questions.length === 0) return new Map();
  const told = await historyOf(
    session,
    questions.map(({ look }) => look),
    signal,
  );
  return new Map(
    questions.map(({ link, ops, issue, asks }): [string, PastWrites] => {
      const history = told.get(issue.ref.id) ?? [];
      const reader = {
        mapping,
        accountIds,
        labels: issue.labels,
        canonTitle: (text: string) => shape.canonTitle(text),
      };
      const shown = statusWordOf(issue, mapping);
      const overtaken = asks.filter(
        ({ op, sent }) => sent !== shown && wasCarriedOut(sent, since(op, history), accountIds, mapping),
      );
      const notOurs = asks.filter(
        ({ op, sent }) => sent === shown && wasSetByOthers(sent, since(op, history), accountIds, mapping),
      );
      const crossed = swaps ? [] : ops.flatMap((op) => [...crossedBy(op, since(op, history), reader)]);
      return [link.id, { overtaken: idsOf(overtaken), notOurs: idsOf(notOurs), crossed: new Map(crossed) }];
    }),
  );
}

function idsOf(asks: readonly Questionable[]): ReadonlySet<string> {
  return new Set(asks.map(({ op }) => op.id));
}

/** Trackers may tell whole seconds only. */
function since({ payload }: Op, history: readonly PastChange[]): readonly PastChange[] {
  const from = Math.floor(Date.parse(payload.seen?.updatedAt ?? '') / 1000) * 1000;
  return history.filter(({ at }) => Date.parse(at) >= from);
}

/** What must be asked, from the oldest of these writes on. */
function lookOf({ ops, issue }: Asked, asks: readonly Questionable[], swaps: boolean): LookBack | undefined {
  const fields = new Set(asks.length === 0 ? [] : (['status'] as const));
  const looks = asks.map(({ seen }): LookBack => ({ ref: issue.ref, seen, fields }));
  for (const { kind, payload } of swaps ? [] : ops) {
    const sent = pastFieldsOf(payload.issue);
    if (kind !== 'update' || payload.seen === undefined || sent.size === 0) continue;
    looks.push({ ref: issue.ref, seen: payload.seen, fields: sent });
  }
  const [oldest] = looks.toSorted(
    (one, other) => Date.parse(one.seen.updatedAt) - Date.parse(other.seen.updatedAt),
  );
  if (oldest === undefined) return undefined;
  return { ...oldest, fields: new Set(looks.flatMap((look) => [...look.fields])) };
}

/** A history that is refused for good says nothing: it must not stop everything else. */
async function historyOf(
  { tracker }: Session,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  try {
    return await tracker.history(looks, signal);
  } catch (error) {
    const isForGood =
      error instanceof AppError &&
      ['tracker-forbidden', 'tracker-not-found', 'tracker-refused'].includes(error.code);
    if (!isForGood) throw error;
    return new Map();
  }
}
