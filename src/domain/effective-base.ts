import type { Baseline, FieldKey, FieldValues, Op } from './link.ts';
import { isOpen, STATUSES } from './threat.ts';
import { keysOf } from './values.ts';

/**
 * A write of the status without a known outcome, by a tracker that takes several calls for it, may have got stuck between the
 * old and the new one. `perhaps`: so long ago that people may have been there since.
 */
export type StuckStatus = 'no' | 'surely' | 'perhaps';

/** Steps lead through open statuses; on a closed issue the labels that say why go and come one by one. */
function isBetween(before: string | null, now: string | null): boolean {
  return now !== before && (isOpenWord(now) || !isOpenWord(before));
}

function isOpenWord(word: string | null): boolean {
  return word === 'open' || STATUSES.some((status) => status === word && isOpen(status));
}

/** What the tracker's history tells of writes of the status, by their ids. */
export interface PastStatuses {
  /** Carried out, and changed by somebody else since. */
  overtaken?: ReadonlySet<string>;
  /** What the issue shows is somebody else's, who wanted the same. */
  notOurs?: ReadonlySet<string>;
}

/**
 * The baseline, corrected by writes whose outcome is unknown: where the issue shows what such a write sent, or has shown it as
 * its history tells, that write is what we last agreed on, with the threat as it was then; a later value is then simply
 * written again.
 */
export function effectiveBase(
  base: Baseline | undefined,
  issue: FieldValues,
  ops: readonly Op[],
  stuck: StuckStatus = 'no',
  past: PastStatuses = {},
): Baseline | undefined {
  let effective = base;
  for (const op of ops) {
    if (op.kind !== 'update' || effective === undefined) continue;
    for (const field of keysOf(op.payload.issue)) {
      const sent = op.payload.issue[field];
      if (sent === undefined || !hasArrived(op, field, issue, past) || sent === base?.issue[field]) continue;
      effective = {
        ...effective,
        threat: { ...effective.threat, [field]: op.payload.threat[field] ?? null },
        issue: { ...effective.issue, [field]: sent },
      };
    }
  }
  return stuck === 'no' ? effective : withStatusBetween(effective, issue, stuck);
}

/** Has this write of the field arrived, as far as the issue and its history show? */
export function hasArrived(
  op: Op,
  field: FieldKey,
  issue: FieldValues,
  { overtaken, notOurs }: PastStatuses = {},
): boolean {
  const isShown = op.payload.issue[field] === issue[field];
  if (field !== 'status') return isShown;
  return isShown ? notOurs?.has(op.id) !== true : overtaken?.has(op.id) === true;
}

/** What the threat says is to be written still; where the write surely is what the issue shows, that is nobody's edit. */
function withStatusBetween(
  base: Baseline | undefined,
  issue: FieldValues,
  stuck: 'surely' | 'perhaps',
): Baseline | undefined {
  if (base === undefined || issue.status === undefined) return base;
  if (!isBetween(base.issue.status ?? null, issue.status)) return base;
  const threat = { ...base.threat, status: null };
  return stuck === 'perhaps'
    ? { ...base, threat }
    : { ...base, threat, issue: { ...base.issue, status: issue.status } };
}
