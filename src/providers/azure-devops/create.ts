import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import type { Attempt } from '../shared/write-each.ts';
import { refusal } from './answers.ts';
import { planCreate } from './plan.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { operationsOf, PATCH_TYPE, savedIssue, saveTolerantly, writtenOf } from './save.ts';
import { parentType, parentUrl } from './parent.ts';
import { typeNamed } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

export type Create = Extract<IssueWrite, { kind: 'create' }>;

/** Where new work items of a type are made; the sign before the type is part of the address. */
export function createPath(place: AzurePlace, type: string): string {
  return `${place.path}/_apis/wit/workitems/$${encodeURIComponent(type)}`;
}

/** Of what type a new work item is: what others are to stand under is of the type above, where the process has one. */
export function typeFor(
  place: AzurePlace,
  { isParent }: Pick<Create, 'isParent'>,
  signal: AbortSignal,
): Promise<WorkItemType> {
  return isParent === true ? parentType(place, signal) : typeNamed(place, place.workItemType, signal);
}

/** https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/create */
export async function createItem(
  place: AzurePlace,
  write: Create,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const type = await typeFor(place, write, signal);
  const plan = planCreate(place, type, write, parentUrl(place, write.parent));
  if ('kind' in plan) return plan;
  const path = createPath(place, type.name);
  const headers = { 'content-type': PATCH_TYPE };
  const saved = await saveTolerantly((fields) => {
    attempt.sent = true;
    const json = operationsOf(fields);
    return ask(place, { method: 'POST', path, headers, json, createsContent: true }, signal);
  }, plan.fields);
  if (saved.kind === 'nothing-left') throw new Error('a new work item has a title at least');
  if (saved.answer.status >= 400) throw refusal(saved.answer, 'create a work item', place.clock.now());
  const issue = await savedIssue(place, saved.answer, 'create a work item', signal);
  const labels = plan.unwritten.length > 0 ? [] : write.labels;
  const outcome = writtenOf(issue, [...plan.unwritten, ...saved.unwritten], labels, write.block.mark);
  return saved.isUnder && outcome.kind === 'written' ? { ...outcome, placed: { kind: 'child' } } : outcome;
}
