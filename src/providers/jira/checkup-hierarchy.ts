import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { CheckItem } from '../../ports/tracker.ts';
import { hierarchyOf } from './hierarchy.ts';
import type { JiraProject } from './project.ts';

const OPTION = 'With the option `parent` threats are linked to their parent instead.';

/** Whether issues of our type can stand under one of another type. */
export async function checkHierarchy(project: JiraProject, signal: AbortSignal): Promise<CheckItem> {
  const name = 'hierarchy';
  try {
    const { own, above, field } = await hierarchyOf(project, signal);
    const type = own?.name ?? project.issueTypeId;
    if (above === undefined)
      return {
        name,
        outcome: 'warning',
        detail: `The project has no issue type under which a ${type} could stand.`,
        remedy: `Add one (Epic) to the issue types of the project. ${OPTION}`,
      };
    if (field === undefined)
      return {
        name,
        outcome: 'warning',
        detail: `The screen of ${type} has no field for its ${above.name}.`,
        remedy: `Put ${project.cloud ? 'Parent' : 'Epic Link'} on the screens of the issue type. ${OPTION}`,
      };
    return { name, outcome: 'ok', detail: `A ${type} can stand under a ${above.name}.` };
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    return { name, outcome: 'not-checked', detail: messageOf(error), remedy: 'Test again later.' };
  }
}
