import { nameOfField, quoted, titleOfField } from './field-words.ts';
import { arrivedUndo } from './hold.ts';
import type { FieldKey, FieldValues, Link, Op } from './link.ts';
import type { Step } from './plan.ts';
import type { CreateChange, FieldChange, RunChange } from './run-change.ts';
import type { BothSides, Undoing } from './undoing.ts';
import { keysOf } from './values.ts';

/** All that the undo of one link's changes may rest on. */
export interface UndoSides {
  link: Pick<Link, 'state' | 'stateSince' | 'base'>;
  /** In threat words, now. */
  threat: FieldValues;
  /** In issue words, now; a missing key is unknown, or no field of ours any more. */
  issue: FieldValues;
  /** What the issue should show for the threat. */
  put: FieldValues;
  ops: readonly Op[];
  /** Ids of ops that the tracker's history shows as carried out, and that people have undone since. */
  overtaken?: ReadonlySet<string>;
}

/** Why a change stays. */
export type LeaveCode =
  | 'undone-already'
  | 'link-not-linked'
  | 'threat-changed'
  | 'issue-changed'
  | 'both-changed'
  | 'field-unreadable'
  | 'field-not-ours'
  | 'cannot-be-removed'
  | 'written-over';

/** A change that is not taken back; the sentence is for people. */
interface LeftChange {
  field: FieldKey;
  code: LeaveCode;
  message: string;
}

export interface UndoDecision {
  steps: readonly Step[];
  left: readonly LeftChange[];
}

/** Changes of one field that lie on each other: together they lead from before the first to after the newest. */
interface Chain {
  first: FieldChange;
  newest: FieldChange;
  ids: readonly string[];
}

/**
 * What taking back these changes of one run means for one link. `changes`: all of the run's for this link, oldest first. A
 * change is taken back only while both sides show what the run left; its step writes the side that the run wrote.
 */
export function undo(runId: string, changes: readonly RunChange[], sides: UndoSides): UndoDecision {
  const done = changes.filter(({ undoneBy }) => undoneBy !== undefined);
  const open = changes.filter(({ undoneBy }) => undoneBy === undefined);
  const left = done.map((change) => undoneAlready(change));
  const created = open.find((change) => change.kind === 'create');
  const fields = open.filter((change) => change.kind === 'field');
  if (created !== undefined) return joined(left, undoCreate(runId, created, fields, sides));
  const decisions = [...Map.groupBy(fields, ({ field }) => field).values()].map((each) =>
    undoField(runId, each, sides),
  );
  return joined(left, ...decisions);
}

function joined(left: readonly LeftChange[], ...decisions: readonly UndoDecision[]): UndoDecision {
  return {
    steps: decisions.flatMap(({ steps }) => steps),
    left: [...left, ...decisions.flatMap((each) => each.left)],
  };
}

function undoField(runId: string, changes: readonly FieldChange[], sides: UndoSides): UndoDecision {
  const newest = changes.at(-1);
  if (newest === undefined) return { steps: [], left: [] };
  const lying = chainOf(changes);
  const chain = { first: lying[0] ?? newest, newest, ids: lying.map(({ id }) => id) };
  const left = changes.slice(0, changes.length - lying.length).map(({ field, side }) => ({
    field,
    code: 'written-over' as const,
    message: `An earlier change of ${nameOfField(field)} on the ${side}'s side stays: the run wrote the other side after it.`,
  }));
  return joined(left, undoChain(runId, chain, sides));
}

/** The newest change, with those before it on which it lies. */
function chainOf(changes: readonly FieldChange[]): readonly FieldChange[] {
  let chain = changes.slice(-1);
  for (const earlier of changes.slice(0, -1).toReversed()) {
    const [later] = chain;
    if (later?.side !== earlier.side || earlier.after[earlier.side] !== later.before[later.side]) break;
    chain = [earlier, ...chain];
  }
  return chain;
}

function undoChain(runId: string, chain: Chain, sides: UndoSides): UndoDecision {
  const { field } = chain.newest;
  const issue = sides.issue[field];
  const arrived = issue === undefined ? undefined : arrivedUndo(field, issue, sides.link.base, sides.ops);
  if (arrived !== undefined) return { steps: [arrived], left: [] };
  const left = overtaken(field, sides) ?? refusal(chain, sides);
  if (left !== undefined) return leaving(left);
  return { steps: [stepBack(runId, chain, sides)], left: [] };
}

/** A write of an undo whose answer was lost has arrived, and somebody has brought the value of the run back since. */
function overtaken(field: FieldKey, { ops, overtaken: ids }: UndoSides): LeftChange | undefined {
  if (!ops.some(({ id, payload }) => payload.undo?.[field] !== undefined && ids?.has(id) === true))
    return undefined;
  const message = `${titleOfField(field)} of the issue was taken back already, and somebody has changed it since.`;
  return { field, code: 'issue-changed', message };
}

/** Why this change stays; undefined = it can be taken back. */
function refusal({ first, newest }: Chain, sides: UndoSides): LeftChange | undefined {
  const { field, after, link, side } = newest;
  const what = nameOfField(field);
  const leave = (code: LeaveCode, message: string): LeftChange => ({ field, code, message });
  const revives = link === 'ends' && sides.link.state === 'detached';
  if (sides.link.state !== 'linked' && !revives) return leave('link-not-linked', notLinked(sides.link.state));
  const issue = sides.issue[field];
  if (issue === undefined && field === 'block')
    return leave('field-unreadable', 'Our part of the text cannot be read in the issue now.');
  if (issue === undefined || (field === 'priority' && sides.put.priority === undefined))
    return leave('field-not-ours', `By its settings, the integration does not set ${what} any more.`);
  const changed = changedSide(field, { threat: sides.threat[field] ?? null, issue }, after);
  if (changed !== undefined) return changed;
  const isLasting = field === 'title' || field === 'block' || field === 'priority';
  if (side === 'issue' && first.before.issue === null && isLasting)
    return leave(
      'cannot-be-removed',
      `There was no such thing before the run, and ${what} cannot be removed.`,
    );
  return undefined;
}

/** Somebody was there since the run. */
function changedSide(field: FieldKey, now: BothSides, after: BothSides): LeftChange | undefined {
  const byThreat = now.threat !== after.threat;
  const byIssue = now.issue !== after.issue;
  if (!byThreat && !byIssue) return undefined;
  const what = nameOfField(field);
  if (byThreat && byIssue)
    return { field, code: 'both-changed', message: `Since the run ${what} was changed on both sides.` };
  const side = byThreat ? 'threat' : 'issue';
  const values =
    field === 'block' ? '' : `: it says ${quoted(now[side])}, and the run left ${quoted(after[side])}`;
  return {
    field,
    code: `${side}-changed`,
    message: `Since the run ${what} of the ${side} was changed${values}.`,
  };
}

/** Write what was there before to the side that the run wrote; both sides show what it left. */
function stepBack(runId: string, { first, newest, ids }: Chain, sides: UndoSides): Step {
  const { past } = first;
  const undoing = (holds: boolean): Undoing => ({ runId, changes: ids, past, holds });
  if (first.side === 'threat' && newest.side === 'threat') {
    const [from, to] = [newest.after.threat, first.before.threat];
    const { issue } = newest.after;
    const holds = past.threat !== to || past.issue !== issue;
    return { kind: 'pull', field: 'status', from, to, issue, undo: undoing(holds) };
  }
  const { field, link } = newest;
  const { threat, issue: from } = newest.after;
  const to = first.before.issue;
  const push = { kind: 'push' as const, field, threat, from, to };
  if (link !== undefined)
    return { ...push, undo: { ...undoing(false), link: link === 'ends' ? 'revives' : 'ends' } };
  const agreed = past.threat === threat && past.issue === to && (sides.put[field] ?? null) === to;
  return { ...push, undo: undoing(!agreed) };
}

/** An issue that the run made is closed as not planned, and its link ends; it is never deleted. */
function undoCreate(
  runId: string,
  create: CreateChange,
  later: readonly FieldChange[],
  sides: UndoSides,
): UndoDecision {
  const status: FieldKey = 'status';
  const arrived = arrivedUndo(status, sides.issue.status ?? null, sides.link.base, sides.ops);
  if (arrived !== undefined) return { steps: [arrived], left: [] };
  if (sides.link.state !== 'linked')
    return leaving({ field: status, code: 'link-not-linked', message: notLinked(sides.link.state) });
  const touched = overtaken(status, sides) ?? touchedSince(create, later, sides);
  if (touched !== undefined)
    return leaving({ ...touched, message: `The issue stays open. ${touched.message}` });
  const { base } = sides.link;
  const past = { threat: base?.threat.status ?? null, issue: base?.issue.status ?? null };
  const ids = [create.id, ...later.map(({ id }) => id)];
  const undoing: Undoing = { runId, changes: ids, past, holds: false, link: 'ends' };
  const from = sides.issue.status ?? null;
  const step: Step = {
    kind: 'push',
    field: status,
    threat: sides.threat.status ?? null,
    from,
    to: 'dropped',
    undo: undoing,
  };
  return { steps: [step], left: [] };
}

/** The first field of a new issue that is not as the run left it. */
function touchedSince(
  { created }: CreateChange,
  later: readonly FieldChange[],
  sides: UndoSides,
): LeftChange | undefined {
  const threat = { ...created.threat };
  const issue = { ...created.issue };
  for (const { field, after } of later) {
    threat[field] = after.threat;
    issue[field] = after.issue;
  }
  for (const field of keysOf({ ...threat, ...issue })) {
    const shown = sides.issue[field];
    if (shown === undefined && field === 'block')
      return { field, code: 'field-unreadable', message: 'Our part of its text cannot be read now.' };
    if (shown === undefined) continue;
    const after = { threat: threat[field] ?? null, issue: issue[field] ?? null };
    // A threat that asks for the same as before has not moved on.
    const isAsBefore = sides.put[field] === after.issue;
    const now = { threat: isAsBefore ? after.threat : (sides.threat[field] ?? null), issue: shown };
    const changed = changedSide(field, now, after);
    if (changed !== undefined) return changed;
  }
  return undefined;
}

function leaving(left: LeftChange): UndoDecision {
  return { steps: [], left: [left] };
}

function undoneAlready(change: RunChange): LeftChange {
  return {
    field: change.kind === 'field' ? change.field : 'status',
    code: 'undone-already',
    message: `It was undone already, by run ${change.undoneBy ?? ''}.`,
  };
}

function notLinked(state: Link['state']): string {
  return state === 'detached'
    ? 'The link was ended since the run, and nothing is written to its issue any more.'
    : `The link is ${state} now, and only a linked one is written to.`;
}
