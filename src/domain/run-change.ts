import { uuidOf } from './identity.ts';
import type { Baseline, FieldKey, FieldValues, Link, Op } from './link.ts';
import type { Step } from './plan.ts';
import type { SubjectStatus } from './threat.ts';
import type { BothSides, LinkFate, PastOfField } from './undoing.ts';
import { keysOf } from './values.ts';

interface ChangeHead {
  id: string;
  runId: string;
  linkId: string;
  at: string;
  /** The run that took it back. */
  undoneBy?: string;
}

interface FieldHead extends ChangeHead {
  kind: 'field';
  /** The baselines before it. */
  past: PastOfField;
  /** By an undo alone. */
  link?: LinkFate;
}

interface IssueSide {
  side: 'issue';
  field: FieldKey;
  before: BothSides;
  after: BothSides;
}

/** Of the threat or mitigation, only its status is written by a run. */
interface ThreatSide {
  side: 'threat';
  field: 'status';
  before: { threat: SubjectStatus; issue: string };
  after: { threat: SubjectStatus; issue: string };
}

/** A run wrote one side of a field. */
export type FieldChange = FieldHead & (IssueSide | ThreatSide);

/** A run made the issue. */
export interface CreateChange extends ChangeHead {
  kind: 'create';
  /** The threat as it was rendered, and what was sent. */
  created: { threat: FieldValues; issue: FieldValues };
}

/** What a run wrote, kept so that it can be undone. */
export type RunChange = FieldChange | CreateChange;

/** What must be known of steps that were carried out, beside them, to keep what they wrote. */
export interface Written {
  runId: string;
  /** As it was before them, its baselines corrected by writes that turned out to have arrived. */
  link: Pick<Link, 'id' | 'base' | 'version'>;
  /** Both sides as they were before them. */
  threat: FieldValues;
  shown: FieldValues;
  /** The op of the pushes. */
  opId: string | undefined;
  at: string;
}

/** What a create wrote, of the run that told it. */
export function createChange({ id, runId, linkId, payload }: Op, at: string): CreateChange {
  const { threat, issue } = payload;
  return { kind: 'create', id: idOf([id]), runId, linkId, created: { threat, issue }, at };
}

/** What these steps wrote to either side. The same steps give the same ids. */
export function changesOfSteps(steps: readonly Step[], written: Written): FieldChange[] {
  return steps.flatMap((step) => changeOfStep(step, written) ?? []);
}

function changeOfStep(step: Step, written: Written): FieldChange | undefined {
  const { runId, link, opId, at } = written;
  const { field } = step;
  const head = { kind: 'field' as const, runId, linkId: link.id, at, past: pastOfField(link.base, field) };
  const id = idOf(opId === undefined ? [runId, link.id, link.version, field] : [opId, field]);
  switch (step.kind) {
    case 'push': {
      const before = { threat: step.threat, issue: step.from };
      const after = { threat: step.threat, issue: step.to };
      const fate = step.undo?.link;
      return {
        ...head,
        id,
        side: 'issue',
        field,
        before,
        after,
        ...(fate === undefined ? {} : { link: fate }),
      };
    }
    case 'pull': {
      const { issue } = step;
      const before = { threat: step.from, issue };
      return { ...head, id, side: 'threat', field: 'status', before, after: { threat: step.to, issue } };
    }
    case 'stuck': {
      const threat = written.threat[field] ?? null;
      const from = written.shown[field] ?? null;
      if (from === step.shows) return undefined;
      const before = { threat, issue: from };
      return { ...head, id, side: 'issue', field, before, after: { threat, issue: step.shows } };
    }
    case 'agree':
    case 'release':
    case 'leave':
    case 'conflict':
    case 'withdraw':
    case 'question':
    case 'restored':
      return undefined;
  }
}

/** What writes of unknown outcome wrote, once the issue shows it; of the run that told them. */
export function changesOfArrivals(
  ops: readonly Op[],
  link: Pick<Link, 'id' | 'base' | 'version'>,
  shown: FieldValues,
  at: string,
): FieldChange[] {
  return ops.flatMap(({ id, kind, runId, payload }) => {
    if (kind !== 'update') return [];
    const arrived = keysOf(payload.issue).filter(
      (field) => payload.issue[field] === shown[field] && payload.issue[field] !== link.base?.issue[field],
    );
    return arrived.map((field): FieldChange => {
      const threat = payload.threat[field] ?? null;
      const fate = payload.undo?.[field]?.link;
      return {
        kind: 'field',
        id: changeIdOf(id, field),
        runId,
        linkId: link.id,
        field,
        side: 'issue',
        before: { threat, issue: payload.from?.[field] ?? null },
        after: { threat, issue: payload.issue[field] ?? null },
        past: pastOfField(link.base, field),
        at,
        ...(fate === undefined ? {} : { link: fate }),
      };
    });
  });
}

/** The id under which the change of a field by this write is kept. */
export function changeIdOf(opId: string, field: FieldKey): string {
  return idOf([opId, field]);
}

/** A repeat of the same record, as after a crash, is the same change. */
function idOf(of: readonly (string | number)[]): string {
  return uuidOf(JSON.stringify(of));
}

/** The baselines of one field. */
export function pastOfField(base: Baseline | undefined, field: FieldKey): PastOfField {
  const threat = base?.threat[field];
  const issue = base?.issue[field];
  return { ...(threat === undefined ? {} : { threat }), ...(issue === undefined ? {} : { issue }) };
}
