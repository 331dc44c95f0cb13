import { uuidOf } from './identity.ts';
import type { Mapping } from './integration.ts';
import type { Issue, PastChange } from './issue.ts';
import type { FieldKey, FieldValues, Op } from './link.ts';
import { isMet } from './overtaken.ts';
import type { Step } from './plan.ts';
import { changeIdOf } from './run-change.ts';
import { statusChange, statusWordOf } from './status-words.ts';
import { whoWins } from './winner.ts';

/** An edit by somebody else between our look and the arrival of a write of ours, which went over it. */
export interface Crossed {
  op: Op;
  /** What was written, in the issue's words; of a text the whole. Undefined: the history does not tell. */
  value: string | undefined;
  at: string;
  /** For people. */
  by: string | undefined;
}

/** What it takes to read a history in the issue's words. */
export interface Reader {
  mapping: Mapping;
  /** Our accounts. */
  accountIds: readonly string[];
  labels: Issue['labels'];
  canonTitle: (text: string) => string;
}

type PastField = PastChange['field'];

/** The fields whose old value a write replaces; labels come and go one by one. */
const REPLACED: Readonly<Partial<Record<FieldKey, PastField>>> = {
  status: 'status',
  title: 'title',
  block: 'text',
  priority: 'priority',
};

/** What of the tracker's history is about this field. */
export function pastFieldOf(field: FieldKey): PastField | undefined {
  return REPLACED[field];
}

/** What of the history can tell whether these values went over something. */
export function pastFieldsOf(sent: FieldValues): ReadonlySet<PastField> {
  return new Set(replacedBy(sent).flatMap((field) => pastFieldOf(field) ?? []));
}

function replacedBy(sent: FieldValues): FieldKey[] {
  return (['status', 'title', 'block', 'priority'] as const).filter((field) => sent[field] !== undefined);
}

/** A text by which it is known again. */
export function fingerprintOf(text: string): string {
  return uuidOf(text.replaceAll('\r\n', '\n').trim());
}

/**
 * The edits that an update went over, by field; `history`: since it was decided on, oldest first. Empty where it has not arrived,
 * or nobody came between.
 */
export function crossedBy(
  op: Op,
  history: readonly PastChange[],
  reader: Reader,
): ReadonlyMap<FieldKey, Crossed> {
  const crossed = new Map<FieldKey, Crossed>();
  if (op.kind !== 'update' || op.payload.seen === undefined) return crossed;
  for (const field of replacedBy(op.payload.issue)) {
    const changes = history.filter((each) => each.field === pastFieldOf(field));
    const lost = lostTo(op, field, changes, reader);
    if (lost === undefined) continue;
    const { at, by, name = by } = lost;
    crossed.set(field, { op, value: wordOf(lost, reader), at, by: name === '' ? undefined : name });
  }
  return crossed;
}

/** Of what others did before our write arrived, the last that had not been seen, unless they took it back. */
function lostTo(
  op: Op,
  field: FieldKey,
  changes: readonly PastChange[],
  reader: Reader,
): PastChange | undefined {
  const sent = op.payload.issue[field] ?? null;
  const from = op.payload.from?.[field] ?? null;
  const isOurs = ({ by }: PastChange): boolean => reader.accountIds.includes(by);
  const arrived = changes.findLastIndex((each) => isOurs(each) && says(each, sent, reader) !== false);
  const before = changes.slice(0, Math.max(arrived, 0));
  const seen = before.findLastIndex((each) => wasSeen(each, from, op, reader));
  const lost = before.slice(seen + 1).findLast((each) => !isOurs(each));
  return lost !== undefined && says(lost, sent, reader) !== true ? lost : undefined;
}

/** The whole text is known by its fingerprint, and else by the time alone. */
function wasSeen(change: PastChange, from: string | null, { payload }: Op, reader: Reader): boolean {
  const { text, updatedAt = '' } = payload.seen ?? {};
  const seenAt = Date.parse(updatedAt);
  if (change.field !== 'text' && says(change, from, reader) !== undefined)
    return says(change, from, reader) === true || Date.parse(change.at) < wholeSecond(seenAt);
  if (change.field !== 'text' || change.to === undefined) return Date.parse(change.at) <= seenAt + STAMPED_MS;
  return fingerprintOf(change.to) === text || Date.parse(change.at) < wholeSecond(seenAt);
}

/** An issue and its history are not stamped in the very same instant. */
const STAMPED_MS = 250;

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Is this what the field showed then? Undefined: the history does not tell, or not in our words. */
function says(change: PastChange, value: string | null, reader: Reader): boolean | undefined {
  if (change.field === 'text') return undefined;
  if (change.field === 'status')
    return value === null ? false : isMet(statusChange(value, reader.mapping).status, change.to);
  return change.to === undefined ? undefined : wordOf(change, reader) === value;
}

function wordOf(change: PastChange, { mapping, labels, canonTitle }: Reader): string | undefined {
  switch (change.field) {
    case 'status':
      return statusWordOf({ status: { ...change.to, name: '' }, labels }, mapping);
    case 'title':
      return change.to === undefined ? undefined : canonTitle(change.to);
    case 'text':
      return change.words ?? change.to;
    case 'priority':
      return change.to;
  }
}

/** What a decision about a crossed field rests on. */
interface Sides {
  threat: FieldValues;
  issue: FieldValues;
  put: FieldValues;
  mapping: Pick<Mapping, 'policies' | 'rules'>;
  crossed?: ReadonlyMap<FieldKey, Crossed>;
}

/**
 * What was overwritten is put back, with the past as it was before our write: then it is a conflict as any other. Where the
 * threat wins such conflicts, or the value is not known, our write stands and the record tells what it went over. So it does of a
 * text, of which people's part may be the one that is lost. Undefined: somebody has changed it since, or both want the same.
 */
export function afterCrossing(field: FieldKey, sides: Sides): Step | undefined {
  const crossed = sides.crossed?.get(field);
  if (crossed === undefined) return undefined;
  const { payload, id: opId, runId } = crossed.op;
  const sent = payload.issue[field] ?? null;
  const told = payload.threat[field] ?? null;
  const base = { threat: payload.past?.[field]?.threat ?? null, issue: payload.from?.[field] ?? null };
  const { value, at, by } = crossed;
  const record = { opId, base, at, issue: value ?? untold(crossed), ...(by === undefined ? {} : { by }) };
  const ours = { kind: 'agree', field, threat: told, issue: sent } as const;
  if (field === 'block') return { ...ours, over: { ...record, wonBy: 'crossed-write' } };
  if (sides.issue[field] !== sent || value === sides.put[field]) return undefined;
  if (value === undefined) return { ...ours, over: { ...record, wonBy: 'crossed-write' } };
  const now = sides.threat[field] ?? null;
  const { keep, ...winner } = whoWins(field, now, value, sides);
  if (keep === 'threat') return { ...ours, over: { ...record, ...winner } };
  const undone = payload.undo?.[field];
  const past = undone?.crossed === true ? undone.past : (payload.past?.[field] ?? {});
  const undo = { runId, changes: [changeIdOf(opId, field)], past, holds: false, crossed: true } as const;
  return { kind: 'push', field, threat: now, from: sent, to: value, undo };
}

function untold({ at, by }: Crossed): string {
  return `Edited at ${at}${by === undefined ? '' : ` by ${by}`}; the words are in the tracker's history.`;
}
