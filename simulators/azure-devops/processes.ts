import { systemFields } from './fields.ts';
import type { Category, FieldUse, ProcessName, TypeState, WorkItemType } from './state.ts';

/** https://learn.microsoft.com/azure/devops/boards/work-items/guidance/choose-process */

type States = readonly (readonly [string, Category])[];

const COLORS: Readonly<Record<Category, string>> = {
  Proposed: 'b2b2b2',
  InProgress: '007acc',
  Resolved: 'ff9d00',
  Completed: '339933',
  Removed: 'ffffff',
};

const BASIC: States = [
  ['To Do', 'Proposed'],
  ['Doing', 'InProgress'],
  ['Done', 'Completed'],
];
const AGILE: States = [
  ['New', 'Proposed'],
  ['Active', 'InProgress'],
  ['Resolved', 'Resolved'],
  ['Closed', 'Completed'],
];
const REMOVED = ['Removed', 'Removed'] as const;
const SCRUM: States = [
  ['New', 'Proposed'],
  ['Approved', 'Proposed'],
  ['Committed', 'InProgress'],
  ['Done', 'Completed'],
  REMOVED,
];
const SCRUM_PARENT: States = [
  ['New', 'Proposed'],
  ['In Progress', 'InProgress'],
  ['Done', 'Completed'],
  REMOVED,
];
const CMMI: States = [
  ['Proposed', 'Proposed'],
  ['Active', 'InProgress'],
  ['Resolved', 'Resolved'],
  ['Closed', 'Completed'],
];

const STATES: Readonly<Record<ProcessName, Readonly<Record<string, States>>>> = {
  Basic: { Epic: BASIC, Issue: BASIC, Task: BASIC },
  Agile: {
    Epic: [...AGILE, REMOVED],
    Feature: [...AGILE, REMOVED],
    'User Story': [...AGILE, REMOVED],
    Bug: AGILE,
    Task: [['New', 'Proposed'], ['Active', 'InProgress'], ['Closed', 'Completed'], REMOVED],
    Issue: [
      ['Active', 'InProgress'],
      ['Closed', 'Completed'],
    ],
  },
  Scrum: {
    Epic: SCRUM_PARENT,
    Feature: SCRUM_PARENT,
    'Product Backlog Item': SCRUM,
    Bug: SCRUM,
    Task: [['To Do', 'Proposed'], ['In Progress', 'InProgress'], ['Done', 'Completed'], REMOVED],
    Impediment: [
      ['Open', 'InProgress'],
      ['Closed', 'Completed'],
    ],
  },
  CMMI: { Epic: CMMI, Feature: CMMI, Requirement: CMMI, Bug: CMMI, Task: CMMI, Issue: CMMI, Risk: CMMI },
};

const DUPLICATES = ['Deferred', 'Duplicate', 'As Designed', 'Cannot Reproduce', 'Obsolete'];
const REASONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Agile Bug': {
    New: ['New', 'Build Failure'],
    Active: ['Approved', 'Investigate', 'Not fixed', 'Test Failed', 'Regression', 'Reactivated'],
    Resolved: ['Fixed', 'Copied to Backlog', ...DUPLICATES],
    Closed: ['Fixed and verified', 'Verified', ...DUPLICATES],
  },
  'CMMI Bug': {
    Proposed: ['New', 'Build Failure', 'Investigate'],
    Active: ['Accepted', 'Investigate', 'Not fixed', 'Test Failed', 'Regression', 'Reactivated'],
    Resolved: ['Fixed', ...DUPLICATES],
    Closed: ['Verified', 'Rejected', ...DUPLICATES],
  },
};

/** What the older, XML-defined processes of a Server allow; inherited processes allow every move. */
const SERVER_MOVES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Agile: {
    New: ['Active', 'Resolved', 'Closed', 'Removed'],
    Active: ['New', 'Resolved', 'Closed', 'Removed'],
    Resolved: ['Active', 'Closed'],
    Closed: ['Active', 'Resolved'],
    Removed: ['New'],
  },
  CMMI: {
    Proposed: ['Active', 'Closed'],
    Active: ['Proposed', 'Resolved'],
    Resolved: ['Active', 'Closed'],
    Closed: ['Active', 'Proposed'],
  },
};

const PRIORITY = { allowedValues: [1, 2, 3, 4], defaultValue: 2 };
const SEVERITY = {
  allowedValues: ['1 - Critical', '2 - High', '3 - Medium', '4 - Low'],
  defaultValue: '3 - Medium',
};

/** The types of work items of a new project. */
export function typesOf(process: ProcessName, kind: 'services' | 'server'): WorkItemType[] {
  return Object.entries(STATES[process]).map(([name, states]) => {
    const moves = kind === 'server' ? SERVER_MOVES[process] : undefined;
    return {
      name,
      referenceName: `Microsoft.VSTS.WorkItemTypes.${name.replaceAll(' ', '')}`,
      color: name === 'Bug' ? 'CC293D' : '339947',
      states: states.map(([state, category]) => newTypeState(state, category)),
      fields: usesOf(process, name),
      reasons: REASONS[`${process} ${name}`] ?? {},
      ...(moves === undefined ? {} : { transitions: moves }),
    };
  });
}

export function newTypeState(name: string, category: Category): TypeState {
  return { name, category, color: COLORS[category] };
}

function usesOf(process: ProcessName, type: string): Map<string, FieldUse> {
  const isBug = type === 'Bug';
  const bugOnly = ['Microsoft.VSTS.TCM.ReproSteps', 'Microsoft.VSTS.TCM.SystemInfo'];
  const uses = [...systemFields().values()].flatMap(({ referenceName }): FieldUse[] => {
    if (bugOnly.includes(referenceName) && !isBug) return [];
    const plain = { referenceName, required: false, requiredIn: [] };
    if (referenceName === 'System.Title') return [{ ...plain, required: true }];
    if (referenceName === 'Microsoft.VSTS.Common.Priority') return [{ ...plain, ...PRIORITY }];
    if (referenceName !== 'Microsoft.VSTS.Common.Severity') return [plain];
    return isBug || (process === 'CMMI' && type === 'Risk') ? [{ ...plain, ...SEVERITY }] : [];
  });
  return new Map(uses.map((use) => [use.referenceName, use]));
}

/** Whether the type moves a work item from one state to the other. */
export function mayMove(type: WorkItemType, from: string, to: string): boolean {
  if (from === to || type.transitions === undefined) return true;
  return type.transitions[from]?.includes(to) ?? false;
}
