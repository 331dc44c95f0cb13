import type { Baseline, FieldKey, FieldState, FieldValues, Link } from './link.ts';
import type { Step } from './plan.ts';
import { isOpen, statusNamed } from './threat.ts';
import type { BothSides, Undoing } from './undoing.ts';
import { keysOfFields } from './values.ts';

/** What recording steps needs beside them: the moment, the mapping they were decided under, and the ids of conflicts. */
export interface Advance {
  at: string;
  mappingVersion: number;
  /** The record of each field in conflict. */
  conflictIds: ReadonlyMap<FieldKey, string>;
}

/**
 * The link after these steps were carried out. A push was written, and the issue showed what was sent; only the fields of
 * the steps move, because anything else in the tracker's answer may already be a person's fresh edit.
 */
export function advance(link: Link, steps: readonly Step[], context: Advance): Link {
  let next: Link = { ...link, fields: { ...link.fields } };
  for (const step of steps) next = { ...move(next, step, context), lastOpenStatus: lastOpen(next, step) };
  const base = next.base;
  if (base === undefined || steps.length === 0) return next;
  return { ...next, base: { ...base, mappingVersion: context.mappingVersion } };
}

/** The baseline right after our own create, or its adoption: what was rendered, from the threat as it was then. */
export function baseOfCreate(
  payload: { threat: FieldValues; issue: FieldValues },
  mappingVersion: number,
): Baseline {
  return { threat: payload.threat, issue: payload.issue, mappingVersion };
}

/** The fields whose baselines a step moves, and what a person may read about it. */
function move(link: Link, step: Step, context: Advance): Link {
  switch (step.kind) {
    case 'agree': {
      const moved = settled(link, step.field, step.threat, step.issue);
      const state = link.fields[step.field];
      // People own it from their first edit on, also while both sides happen to say the same.
      return state?.kind === 'released' ? withState(moved, step.field, state) : moved;
    }
    case 'push':
      if (step.undo !== undefined)
        return restored(link, step.field, { threat: step.threat, issue: step.to }, step.undo, context);
      return settled(link, step.field, step.threat, step.to);
    case 'pull': {
      if (step.undo !== undefined)
        return restored(link, step.field, { threat: step.to, issue: step.issue }, step.undo, context);
      const moved = settled(link, step.field, step.to, step.issue);
      return step.awaits === true
        ? withState(moved, step.field, { kind: 'awaits-verification', since: context.at })
        : moved;
    }
    case 'restored':
      return restored(link, step.field, { threat: step.threat, issue: step.issue }, step.undo, context);
    case 'release': {
      const moved = settled(link, step.field, step.threat, step.issue);
      return step.owned ? withState(moved, step.field, { kind: 'released', since: context.at }) : moved;
    }
    case 'leave':
      return withState(link, step.field, { kind: 'edited', since: context.at });
    case 'question':
      return withState(asked(link, step), step.field, {
        kind: 'needs-answer',
        since: context.at,
        value: step.issue,
      });
    case 'stuck': {
      const { to, reason, shows } = step;
      return withState(stopped(link, step.field, shows), step.field, {
        kind: 'needs-mapping',
        since: context.at,
        to,
        reason,
      });
    }
    case 'withdraw':
      return withoutState(link, step.field);
    case 'conflict':
      return inConflict(link, step.field, context);
  }
}

function settled(link: Link, field: FieldKey, threat: string | null, issue: string | null): Link {
  const base = link.base ?? { threat: {}, issue: {}, mappingVersion: 0 };
  return withoutState(
    {
      ...link,
      base: {
        ...base,
        threat: { ...base.threat, [field]: threat },
        issue: { ...base.issue, [field]: issue },
      },
    },
    field,
  );
}

/** The threat's value that a person gave up is past; the issue's stays an edit until it is answered. */
function asked(link: Link, { field, chosenOver }: Extract<Step, { kind: 'question' }>): Link {
  return chosenOver === undefined ? link : settled(link, field, chosenOver, link.base?.issue[field] ?? null);
}

/** The baselines as they were before what is undone; the field waits, or the next run would do it again. */
function restored(
  link: Link,
  field: FieldKey,
  now: BothSides,
  { past, holds }: Undoing,
  { at }: Advance,
): Link {
  const base = link.base ?? { threat: {}, issue: {}, mappingVersion: 0 };
  const back = {
    ...link,
    base: {
      ...base,
      threat: withPast(base.threat, field, past.threat),
      issue: withPast(base.issue, field, past.issue),
    },
  };
  return holds ? withState(back, field, { kind: 'hold', since: at, ...now }) : withoutState(back, field);
}

function withPast(values: FieldValues, field: FieldKey, past: string | null | undefined): FieldValues {
  const { [field]: _, ...others } = values;
  return past === undefined ? others : { ...others, [field]: past };
}

/** As far as a write came, the issue shows our doing; what the threat wants is still to be written. */
function stopped(link: Link, field: FieldKey, shows: string | null): Link {
  return link.base === undefined
    ? link
    : { ...link, base: { ...link.base, issue: { ...link.base.issue, [field]: shows } } };
}

function inConflict(link: Link, field: FieldKey, context: Advance): Link {
  const conflictId = context.conflictIds.get(field);
  if (conflictId === undefined) return link;
  const known = link.fields[field];
  const since = known?.kind === 'conflict' ? known.since : context.at;
  return withState(link, field, { kind: 'conflict', conflictId, since });
}

function withState(link: Link, field: FieldKey, state: FieldState): Link {
  return { ...link, fields: { ...link.fields, [field]: state } };
}

function withoutState(link: Link, field: FieldKey): Link {
  const fields: Partial<Record<FieldKey, FieldState>> = {};
  for (const key of keysOfFields(link.fields)) {
    const state = link.fields[key];
    if (key !== field && state !== undefined) fields[key] = state;
  }
  return { ...link, fields };
}

/** Where a threat was while it was open: to which a reopening returns it. */
function lastOpen(link: Link, step: Step): Link['lastOpenStatus'] {
  if (step.field !== 'status') return link.lastOpenStatus;
  // When both sides changed, the threat had moved on from its base.
  if (step.kind === 'pull' && isOpen(step.from)) return step.from;
  const before = statusNamed(link.base?.threat.status);
  return before !== undefined && isOpen(before) ? before : link.lastOpenStatus;
}
