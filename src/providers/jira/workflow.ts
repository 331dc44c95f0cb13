import type { StatusCategory } from '../../domain/issue.ts';
import { categoryOf, saysDropped } from './convert.ts';
import { fill } from './transition-fields.ts';
import type { Filler } from './transition-fields.ts';
import type { JiraTransition, ScreenField } from './wire.ts';

/** What a status change is to end in: any status of a category, or the one that the mapping names. */
export interface Wanted {
  category: StatusCategory;
  id?: string;
  /** What the settings fill into screens on the way. */
  filler?: Filler;
}

/** Where a walk begins, and where one of its steps does. */
export interface Origin {
  start: StatusCategory;
  step: StatusCategory;
}

function isClosed(category: StatusCategory): boolean {
  return category === 'done' || category === 'dropped';
}

/** From one closed status to another the resolution stays, unless the screen asks for it. */
function saysDone(transition: JiraTransition, from: Origin): boolean {
  const resolution = resolutionFor(transition, 'done');
  if (resolution === undefined) return from.start !== 'dropped' || !isClosed(from.step);
  return resolution !== 'none';
}

type Resolution = NonNullable<ScreenField['allowedValues']>[number];

const GOOD = /^(?:done|fixed|resolved|completed?)$/i;

/** How well a transition ends in what is wanted: 1 exactly, 2 by its resolution, 3 for want of a better one. */
export function rankOf(transition: JiraTransition, wanted: Wanted, from: Origin): number | undefined {
  const { to } = transition;
  if (wanted.id !== undefined) return to.id === wanted.id ? 1 : undefined;
  const wasClosed = isClosed(from.start);
  const shown = categoryOf(to);
  switch (wanted.category) {
    case 'open':
      if (shown === 'active') return wasClosed ? 3 : undefined;
      return shown === 'open' ? 1 : undefined;
    case 'active':
      return shown === 'active' ? 1 : undefined;
    case 'done':
      return shown === 'done' && saysDone(transition, from) ? 1 : undefined;
    case 'dropped':
      if (shown === 'dropped') return 1;
      if (shown !== 'done') return undefined;
      if (typeof resolutionFor(transition, 'dropped') === 'object') return 2;
      return wasClosed ? undefined : 3;
  }
}

/** The resolution to choose on the way to a category; `none` = there is none that says it, undefined = nothing to choose. */
function resolutionFor(
  { fields }: JiraTransition,
  category: StatusCategory,
): Resolution | 'none' | undefined {
  const field = fields?.['resolution'];
  if (field === undefined) return undefined;
  const allowed = (field.allowedValues ?? []).filter((each) => each.name !== undefined);
  const dropped = allowed.filter((each) => saysDropped(each.name ?? ''));
  const done = allowed.filter((each) => !saysDropped(each.name ?? ''));
  if (category === 'dropped') return dropped[0] ?? 'none';
  return done.find((each) => GOOD.test(each.name ?? '')) ?? done[0] ?? 'none';
}

/** What a transition's screen asks for: what we fill in, and the names of what we cannot. */
export interface Screen {
  fields: Record<string, unknown>;
  comment: boolean;
  missing: readonly string[];
}

const NO_RULE = { kind: 'no-rule' } as const;

/** Fill the screen of a transition. The resolution is told wherever it is asked for: it tells done from dropped. */
export function screenOf(transition: JiraTransition, wanted: Wanted): Screen {
  const fields: Record<string, unknown> = {};
  const missing: string[] = [];
  let comment = false;
  for (const [name, field] of Object.entries(transition.fields ?? {})) {
    const must = field.required === true && field.hasDefaultValue !== true;
    if (name === 'resolution') {
      const chosen = resolutionFor(transition, wanted.category);
      const any = field.allowedValues?.find((each) => each.name !== undefined);
      const value = typeof chosen === 'object' ? chosen : must ? any : undefined;
      if (value !== undefined) fields[name] = { name: value.name };
      else if (must) missing.push(field.name ?? name);
    } else if (name === 'comment') comment = must;
    else {
      const filled = wanted.filler === undefined ? NO_RULE : fill(wanted.filler, transition, name, field);
      const title = field.name ?? name;
      if (filled.kind === 'filled') fields[name] = filled.value;
      else if (must) missing.push(filled.kind === 'no-rule' ? title : `${title}, not "${filled.text}"`);
    }
  }
  return { fields, comment, missing };
}

/** Can be taken as things are. */
export function isUsable(transition: JiraTransition, wanted: Wanted): boolean {
  return transition.isAvailable !== false && screenOf(transition, wanted).missing.length === 0;
}

/** Transitions known from each status, by its id. */
export type Graph = ReadonlyMap<string, readonly JiraTransition[]>;

interface Place {
  at: string;
  category: StatusCategory;
  path: readonly JiraTransition[];
}

/** The shortest way of at most `hops` transitions whose last one ends in what is wanted. */
export function pathThrough(
  graph: Graph,
  from: { id: string; category: StatusCategory; start: StatusCategory },
  wanted: Wanted,
  hops: number,
): readonly JiraTransition[] | undefined {
  let frontier: Place[] = [{ at: from.id, category: from.category, path: [] }];
  const visited = new Set([from.id]);
  for (let length = 1; length <= hops; length += 1) {
    const steps = frontier.flatMap(({ at, category, path }) =>
      (graph.get(at) ?? [])
        .filter((each) => isUsable(each, wanted))
        .map((transition) => ({ transition, step: category, path: [...path, transition] })),
    );
    const ends = steps
      .map(({ transition, step, path }) => ({
        path,
        rank: rankOf(transition, wanted, { start: from.start, step }),
      }))
      .filter((each) => each.rank !== undefined)
      .toSorted((one, other) => (one.rank ?? 0) - (other.rank ?? 0));
    if (ends[0] !== undefined) return ends[0].path;
    frontier = [];
    for (const { transition, path } of steps) {
      if (visited.has(transition.to.id)) continue;
      visited.add(transition.to.id);
      frontier.push({ at: transition.to.id, category: categoryOf(transition.to), path });
    }
  }
  return undefined;
}

/** The statuses within reach whose own transitions are not known yet, nearest first. */
export function unexplored(graph: Graph, from: string, wanted: Wanted, hops: number): readonly string[] {
  const found: string[] = [];
  let frontier = [from];
  const visited = new Set(frontier);
  for (let length = 1; length < hops; length += 1) {
    const next: string[] = [];
    for (const transition of frontier.flatMap((at) => graph.get(at) ?? [])) {
      if (visited.has(transition.to.id) || !isUsable(transition, wanted)) continue;
      visited.add(transition.to.id);
      next.push(transition.to.id);
      if (!graph.has(transition.to.id)) found.push(transition.to.id);
    }
    frontier = next;
  }
  return found;
}
