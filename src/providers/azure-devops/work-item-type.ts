import { TrackerError } from '../../domain/errors.ts';
import type { StatusCategory, TrackerStatus } from '../../domain/issue.ts';
import { fetchData } from './project.ts';
import type { AzurePlace } from './project.ts';
import { AzureType } from './wire.ts';

export const DESCRIPTION = 'System.Description';
export const REPRO_STEPS = 'Microsoft.VSTS.TCM.ReproSteps';

/** What a type of work items means for us. */
export interface WorkItemType {
  name: string;
  /** Where people read the long text of a work item. */
  textField: string;
  /** In the order of the process. */
  states: readonly TrackerStatus[];
  /** Where a state leads; undefined = everywhere. */
  moves?: ReadonlyMap<string, readonly string[]>;
}

/**
 * `Resolved` waits for somebody to confirm it: it is work in progress, unless the type has nothing after it. A type
 * without a state for what is proposed begins in progress.
 * https://learn.microsoft.com/azure/devops/boards/work-items/workflow-and-state-categories
 */
function categoriesOf(states: AzureType['states']): readonly TrackerStatus[] {
  const has = (category: string): boolean => states.some((state) => state.category === category);
  const begin = has('Proposed') ? undefined : states.find(({ category }) => category === 'InProgress')?.name;
  return states.map(({ name, category }) => ({
    id: name,
    name,
    category: name === begin ? 'open' : categoryOf(category, has('Completed')),
  }));
}

function categoryOf(category: string, hasCompleted: boolean): StatusCategory {
  switch (category) {
    case 'Completed':
      return 'done';
    case 'Removed':
      return 'dropped';
    case 'Resolved':
      return hasCompleted ? 'active' : 'done';
    case 'InProgress':
      return 'active';
    default:
      return 'open';
  }
}

function typeOf({ name, states, transitions, fields }: AzureType): WorkItemType {
  const moves = Object.entries(transitions ?? {})
    .filter(([from]) => from !== '')
    .map(([from, to]) => [folded(from), (to ?? []).map((each) => each.to)] as const);
  // Bugs show no description on their form: https://learn.microsoft.com/azure/devops/boards/backlogs/manage-bugs
  const isBug = fields?.some((field) => field.referenceName === REPRO_STEPS) === true;
  return {
    name,
    textField: isBug ? REPRO_STEPS : DESCRIPTION,
    states: categoriesOf(states),
    ...(moves.length === 0 ? {} : { moves: new Map(moves) }),
  };
}

function folded(text: string): string {
  return text.toLowerCase();
}

export function typePath(place: AzurePlace, name: string): string {
  return `${place.path}/_apis/wit/workitemtypes/${encodeURIComponent(name)}`;
}

/** A type's answer is kept for as long as this tracker lives. */
export function learnType(place: AzurePlace, wire: AzureType): WorkItemType {
  const type = typeOf(wire);
  place.types.set(folded(type.name), type);
  return type;
}

/** Asked once for each type. */
export async function typeNamed(place: AzurePlace, name: string, signal: AbortSignal): Promise<WorkItemType> {
  const known = place.types.get(folded(name));
  if (known !== undefined) return known;
  const request = { path: typePath(place, name) };
  return learnType(place, await fetchData(place, request, AzureType, `read the type ${name}`, signal));
}

/** The status of a state. Throws `tracker-nonsense` for one that the type does not have, which means that the type has changed. */
export function statusOf(type: WorkItemType, state: string): TrackerStatus {
  const found = stateNamed(type, state);
  if (found !== undefined) return found;
  throw new TrackerError(
    'tracker-nonsense',
    `The state "${state}" is none of the type ${type.name}; its process may have just been changed.`,
    { arrived: 'no' },
  );
}

export function stateNamed({ states }: WorkItemType, name: string): TrackerStatus | undefined {
  return states.find((state) => folded(state.name) === folded(name));
}

/** The states that mean this; what was not done is closed like the rest where the type cannot tell it. */
export function statesFor(type: WorkItemType, category: StatusCategory): readonly TrackerStatus[] {
  const exact = type.states.filter((state) => state.category === category);
  return exact.length === 0 && category === 'dropped' ? statesFor(type, 'done') : exact;
}

/** The states to pass through, the last one included; empty = there; undefined = no way of at most four steps. */
export function pathTo({ moves }: WorkItemType, from: string, to: string): readonly string[] | undefined {
  if (folded(from) === folded(to)) return [];
  if (moves === undefined) return [to];
  let ends: (readonly string[])[] = [[from]];
  const seen = new Set([folded(from)]);
  for (let step = 0; step < 4; step += 1) {
    const next = ends.flatMap((way) =>
      (moves.get(folded(way.at(-1) ?? '')) ?? []).map((state) => [...way, state]),
    );
    const found = next.find((way) => folded(way.at(-1) ?? '') === folded(to));
    if (found !== undefined) return found.slice(1);
    ends = next.filter((way) => !seen.has(folded(way.at(-1) ?? '')));
    for (const way of ends) seen.add(folded(way.at(-1) ?? ''));
  }
  return undefined;
}
