import { TrackerError } from '../../domain/errors.ts';
import type { IssueRef } from '../../domain/issue.ts';
import type { AzurePlace } from './project.ts';
import { typeNamed } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

/**
 * What backlogs show above ordinary work, the nearest first. Basic has no features.
 * https://learn.microsoft.com/azure/devops/boards/work-items/about-work-items
 */
const ABOVE = ['Feature', 'Epic'];

/** The type of a work item under which those of our type stand; our own where the process has nothing above it. Asked once. */
export async function parentType(place: AzurePlace, signal: AbortSignal): Promise<WorkItemType> {
  const own = await typeNamed(place, place.workItemType, signal);
  const at = ABOVE.findIndex((name) => name.toLowerCase() === own.name.toLowerCase());
  for (const name of ABOVE.slice(at + 1)) {
    const type = await typeIfThere(place, name, signal);
    if (type !== undefined) return type;
  }
  return own;
}

async function typeIfThere(
  place: AzurePlace,
  name: string,
  signal: AbortSignal,
): Promise<WorkItemType | undefined> {
  try {
    return await typeNamed(place, name, signal);
  } catch (error) {
    if (error instanceof TrackerError && error.status === 404) return undefined;
    throw error;
  }
}

/** A work item's address in the API, by which relations name it. */
export function parentUrl(place: AzurePlace, parent: IssueRef): string;
export function parentUrl(place: AzurePlace, parent: IssueRef | undefined): string | undefined;
export function parentUrl({ apiRoot }: AzurePlace, parent: IssueRef | undefined): string | undefined {
  if (parent === undefined) return undefined;
  return `${apiRoot.href.replace(/\/$/, '')}/_apis/wit/workItems/${encodeURIComponent(parent.id)}`;
}
