import type { StatusCategory } from '../../domain/issue.ts';
import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusalWords } from './answers.ts';
import { PRIORITY, SEVERITY } from './rating.ts';
import type { SeverityField } from './settings.ts';
import { AzureTypeFields } from './wire.ts';
import { pathTo, statesFor } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

export function checkType(
  answer: TrackerResponse | Error,
  named: string,
  type: WorkItemType | undefined,
): readonly CheckItem[] {
  const name = 'issue-type';
  if (type !== undefined)
    return [
      { name, outcome: 'ok', detail: `${type.name} is a type of work items of the project.` },
      checkStatuses(type),
    ];
  const why = answer instanceof Error ? answer.message : refusalWords(answer);
  return [
    {
      name,
      outcome: 'failed',
      detail: `The type ${named} was not found: ${why}.`,
      remedy:
        'Set workItemType to a type of the project, such as Issue (Basic, Agile, CMMI), User Story (Agile) or Product Backlog Item (Scrum).',
    },
  ];
}

/** Can a work item be closed and opened again? */
function checkStatuses(type: WorkItemType): CheckItem {
  const name = 'statuses';
  const of = (category: StatusCategory): string | undefined => statesFor(type, category)[0]?.id;
  const [open, active, done] = [of('open'), of('active'), of('done')];
  const states = type.states.map((state) => `${state.name} (${state.category})`).join(', ');
  if (open === undefined || done === undefined)
    return {
      name,
      outcome: 'failed',
      detail: `${type.name} has no state for ${open === undefined ? 'open' : 'closed'} work: ${states}.`,
      remedy: 'Choose another type, or add such a state to the process.',
    };
  const ways = [pathTo(type, open, done), pathTo(type, done, open)];
  if (ways.includes(undefined))
    return {
      name,
      outcome: 'warning',
      detail: `No way of four steps leads from ${open} to ${done} and back.`,
      remedy: 'Add transitions to the process; until then the state has to be changed by hand.',
    };
  if (active === undefined)
    return {
      name,
      outcome: 'warning',
      detail: `${type.name} has no state for work in progress: ${states}.`,
      remedy: 'Map the status "mitigating" to a state or tag of your choice.',
    };
  return { name, outcome: 'ok', detail: `The states mean: ${states}.` };
}

const FIELDS = [
  { of: 'priority', title: 'Priority', field: PRIORITY },
  { of: 'severity', title: 'Severity', field: SEVERITY },
] as const;

export function checkPriorities(answer: TrackerResponse | Error, of: SeverityField): CheckItem {
  const name = 'priorities';
  const fields =
    answer instanceof Error || answer.status !== 200
      ? undefined
      : AzureTypeFields.safeParse(answer.json).data;
  if (fields === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'The fields of the type could not be read.',
      remedy: 'Test again later.',
    };
  const wanted = FIELDS.filter((each) => of === 'both' || each.of === of);
  const found = wanted.flatMap(({ title, field }) => {
    const use = fields.value.find((each) => each.referenceName === field);
    return use === undefined
      ? []
      : [`${title}: ${(use.allowedValues ?? []).map(String).join(', ') || 'any'}`];
  });
  if (found.length < wanted.length)
    return {
      name,
      outcome: 'warning',
      detail: `The type lacks a field of these: ${wanted.map(({ title }) => title).join(', ')}.`,
      remedy: 'Choose another severityField, or map no severity to a priority; severities are shown as tags.',
    };
  return { name, outcome: 'ok', detail: `Severities can be mapped to these values. ${found.join('; ')}.` };
}
