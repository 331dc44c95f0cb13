import type { IssueWrite } from '../domain/issue.ts';
import { changeOf, type Push } from '../domain/issue-change.ts';
import { fingerprintOf } from '../domain/crossed.ts';
import type { FieldKey, FieldValues, Op } from '../domain/link.ts';
import { keyFingerprint, markText } from '../domain/mark.ts';
import { subjectKey } from '../domain/mitigations.ts';
import { pastOfField } from '../domain/run-change.ts';
import { statusLabels } from '../domain/status-words.ts';
import type { PastOfField, Undoing } from '../domain/undoing.ts';
import { type Decided, withEffectiveBase } from './gather.ts';
import { nowOf, type Work } from './work.ts';

export function pushesOf(decided: Pick<Decided, 'steps'>): Push[] {
  return decided.steps.filter((step) => step.kind === 'push');
}

/** What is told before it is written: what was sent, and what it was decided on. */
export function opOf(work: Work, decided: Decided): Op {
  const threat: Partial<Record<FieldKey, string | null>> = {};
  const issue: Partial<Record<FieldKey, string | null>> = {};
  const from: Partial<Record<FieldKey, string | null>> = {};
  const undo: Partial<Record<FieldKey, Undoing>> = {};
  for (const step of pushesOf(decided)) {
    threat[step.field] = step.threat;
    issue[step.field] = step.to;
    from[step.field] = step.from;
    if (step.undo !== undefined) undo[step.field] = step.undo;
  }
  return {
    id: work.parts.chance.uuid(),
    linkId: decided.pair.link.id,
    integrationId: decided.pair.link.integrationId,
    kind: 'update',
    runId: work.run.id,
    epoch: work.lease.current().epoch,
    payload: {
      threat,
      issue,
      from,
      ...(Object.keys(undo).length === 0 ? {} : { undo }),
      mark: markOf(work, decided),
      seen: seenBy(decided, issue),
      past: pastOf(decided),
    },
    state: 'open',
    absences: 0,
    createdAt: nowOf(work),
  };
}

function seenBy({ issue }: Decided, sent: FieldValues): NonNullable<Op['payload']['seen']> {
  const { version, updatedAt, body } = issue;
  return { version, updatedAt, ...(sent.block === undefined ? {} : { text: fingerprintOf(body) }) };
}

/** Should the write go over an edit of somebody else, the baselines go back to these. */
function pastOf(decided: Decided): NonNullable<Op['payload']['past']> {
  const base = withEffectiveBase(decided).base;
  const past: Partial<Record<FieldKey, PastOfField>> = {};
  for (const { field } of pushesOf(decided)) past[field] = pastOfField(base, field);
  return past;
}

function markOf(work: Pick<Work, 'markKey'>, { pair }: Pick<Decided, 'pair'>): string {
  const key = subjectKey(pair.subject ?? pair.threat);
  return markText({ linkId: pair.link.id, key: keyFingerprint(key) }, work.markKey);
}

/** The same as a request to the tracker. */
export function writeOf(work: Work, decided: Decided): IssueWrite {
  const { mapping } = work.session.integration;
  const change = changeOf(pushesOf(decided), decided.issue, mapping, markOf(work, decided));
  return {
    kind: 'update',
    ref: decided.issue.ref,
    seen: decided.issue,
    seenAt: decided.pair.readAt,
    change,
    // Who adds one of them says why it is closed, and so changes the status.
    ...(change.status === undefined ? {} : { watched: statusLabels(mapping) }),
  };
}
