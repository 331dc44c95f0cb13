import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusalWords, refusedBy } from './answers.ts';
import { isRefused } from './checkup-access.ts';
import { boundOf } from './project.ts';
import type { AzurePlace } from './project.ts';
import type { AzureProject } from './wire.ts';

export function checkProject(
  place: AzurePlace,
  answer: TrackerResponse | Error,
  project: AzureProject | undefined,
): readonly CheckItem[] {
  const name = 'project';
  if (project === undefined) {
    const why = answer instanceof Error ? answer.message : refusalWords(answer);
    return [
      {
        name,
        outcome: 'failed',
        detail: `The project ${place.named} was not found: ${why}.`,
        remedy:
          'Check organization and project, and that the account is a member: Azure DevOps says "not found" also for "not allowed".',
      },
    ];
  }
  if (project.state != null && project.state !== 'wellFormed')
    return [
      {
        name,
        outcome: 'failed',
        detail: `${project.name} is ${project.state}: nothing can be written.`,
        remedy: 'Wait until it is ready, restore it, or choose another project.',
      },
    ];
  return [{ name, outcome: 'ok', detail: `${project.name} was found.` }, visibility(place, project)];
}

function visibility(place: AzurePlace, project: AzureProject): CheckItem {
  const name = 'visibility';
  const seen = boundOf(place, project).visibility;
  if (seen !== 'public') return { name, outcome: 'ok', detail: `The project is ${seen}.` };
  return {
    name,
    outcome: 'warning',
    detail: 'The project is public: everybody could read the threats.',
    remedy: 'Use a private project, or say allowPublic: true.',
  };
}

/** A rehearsal of a create says what the account may do and which fields the type asks for. */
export function checkCreate(answer: TrackerResponse | Error, typeName: string): readonly CheckItem[] {
  if (answer instanceof Error || isRefused(answer)) return [];
  if (answer.status === 200)
    return [
      {
        name: 'create-issues',
        outcome: 'ok',
        detail: `The account may create work items of type ${typeName}.`,
      },
      { name: 'edit-issues', outcome: 'ok', detail: 'Who may create work items in an area may change them.' },
      {
        name: 'required-fields',
        outcome: 'ok',
        detail: `${typeName} asks for nothing that we cannot fill in.`,
      },
      {
        name: 'labels',
        outcome: 'ok',
        detail:
          'Labels are tags; a new one needs the permission "Create tag definition", which contributors have.',
      },
    ];
  const { typeKey, fields, words } = refusedBy(answer.status, answer.json);
  if (answer.status === 400 && typeKey === 'RuleValidationException') {
    const may = 'The account may create work items, if their required fields are filled in.';
    return [
      { name: 'create-issues', outcome: 'ok', detail: may },
      {
        name: 'required-fields',
        outcome: 'failed',
        detail: `${typeName} asks for fields that we do not fill in: ${fields.join(', ') || words}.`,
        remedy:
          'Give these fields a default value in the process, make them optional, or choose another type.',
      },
    ];
  }
  if (typeKey === 'WorkItemTrackingTreeNodeNotFoundException')
    return [
      {
        name: 'create-issues',
        outcome: 'failed',
        detail: `The project has no such area or iteration: ${words}.`,
        remedy: 'Correct areaPath or iterationPath; each begins with the name of the project.',
      },
    ];
  return [
    {
      name: 'create-issues',
      outcome: 'failed',
      detail: `The account may not create work items: ${words}.`,
      remedy:
        'Make the account a contributor of the project with access level Basic, and let it edit work items in the area.',
    },
  ];
}
