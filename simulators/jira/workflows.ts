import type { State, Status } from './state.ts';
import { newId } from './state.ts';

export interface Transition {
  id: string;
  name: string;
  /** Ids of statuses; `any` is a global transition. */
  from: readonly string[] | 'any';
  to: Status;
  /** Fields of its screen. */
  screen: readonly string[];
  required: readonly string[];
  /** What a post function does with the resolution: sets this name, or clears it; undefined: nothing. */
  resolution?: string | null;
  /** A condition: only the assignee sees it. */
  onlyAssignee?: boolean;
}

export interface Workflow {
  name: WorkflowName;
  initial: Status;
  statuses: readonly Status[];
  /** Its screens may be changed. */
  transitions: readonly Transition[];
}

/**
 * `simple`: three statuses, any to any. `four-step`: four hops from Open to Closed, and no short cut. `resolution-screen`: done asks for a
 * resolution. `team-managed`: as `simple`, with statuses of the project's own.
 */
export type WorkflowName = 'simple' | 'four-step' | 'resolution-screen' | 'team-managed';

/** Makes the workflow and the statuses it needs. */
export function newWorkflow(state: State, name: WorkflowName): Workflow {
  switch (name) {
    case 'simple':
      return anyToAny(state, name, (each, category) => shared(state, each, category));
    case 'team-managed':
      return anyToAny(state, name, (each, category) => own(state, each, category));
    case 'four-step':
      return fourStep(state);
    case 'resolution-screen':
      return withResolution(state);
  }
}

type Maker = (name: string, category: Status['category']) => Status;

function anyToAny(state: State, name: WorkflowName, make: Maker): Workflow {
  const todo = make('To Do', 'new');
  const doing = make('In Progress', 'indeterminate');
  const done = make('Done', 'done');
  const all = { from: 'any', screen: [], required: [] } as const;
  return {
    name,
    initial: todo,
    statuses: [todo, doing, done],
    transitions: [
      { ...all, id: '11', name: 'To Do', to: todo, resolution: null },
      { ...all, id: '21', name: 'In Progress', to: doing, resolution: null },
      { ...all, id: '31', name: 'Done', to: done, resolution: state.resolutions[0]?.name ?? 'Done' },
    ],
  };
}

function fourStep(state: State): Workflow {
  const open = shared(state, 'Open', 'new');
  const triage = shared(state, 'In Analysis', 'indeterminate');
  const doing = shared(state, 'In Progress', 'indeterminate');
  const review = shared(state, 'In Review', 'indeterminate');
  const closed = shared(state, 'Closed', 'done');
  const bare = { screen: [], required: [] };
  return {
    name: 'four-step',
    initial: open,
    statuses: [open, triage, doing, review, closed],
    transitions: [
      { ...bare, id: '41', name: 'Analyse', from: [open.id], to: triage },
      { ...bare, id: '42', name: 'Start', from: [triage.id], to: doing },
      { ...bare, id: '43', name: 'Ask for review', from: [doing.id], to: review },
      { ...bare, id: '44', name: 'Close', from: [review.id], to: closed, resolution: 'Done' },
      { ...bare, id: '45', name: 'Reopen', from: [closed.id], to: open, resolution: null },
    ],
  };
}

function withResolution(state: State): Workflow {
  const open = shared(state, 'Open', 'new');
  const doing = shared(state, 'In Progress', 'indeterminate');
  const resolved = shared(state, 'Resolved', 'done');
  const closed = shared(state, 'Closed', 'done');
  const bare = { screen: [], required: [] };
  const asks = { screen: ['resolution', 'assignee'], required: ['resolution'] };
  return {
    name: 'resolution-screen',
    initial: open,
    statuses: [open, doing, resolved, closed],
    transitions: [
      { ...bare, id: '4', name: 'Start Progress', from: [open.id], to: doing },
      { ...bare, id: '301', name: 'Stop Progress', from: [doing.id], to: open, onlyAssignee: true },
      { ...asks, id: '5', name: 'Resolve Issue', from: [open.id, doing.id], to: resolved },
      { ...asks, id: '2', name: 'Close Issue', from: [open.id, doing.id], to: closed },
      { ...bare, id: '701', name: 'Close Issue', from: [resolved.id], to: closed },
      { ...bare, id: '3', name: 'Reopen Issue', from: [resolved.id, closed.id], to: open, resolution: null },
    ],
  };
}

/** The status of that name that all company-managed projects use. */
function shared(state: State, name: string, category: Status['category']): Status {
  const known = state.statuses.find((each) => each.name === name && Number(each.id) < 10_100);
  if (known !== undefined) return known;
  const status = { id: String(10_000 + state.statuses.length), name, category };
  state.statuses.push(status);
  return status;
}

function own(state: State, name: string, category: Status['category']): Status {
  const status = { id: String(newId(state)), name, category };
  state.statuses.push(status);
  return status;
}
