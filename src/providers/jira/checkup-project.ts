import type { BoundProject } from '../../domain/integration.ts';
import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusalWords } from './answers.ts';
import type { JiraProject } from './project.ts';
import type { JiraProjectShape } from './wire.ts';

/** Found, and not archived. */
export function checkProject(
  project: JiraProject,
  answer: TrackerResponse | Error,
  found: JiraProjectShape | undefined,
): CheckItem {
  const name = 'project';
  if (found === undefined) {
    const why = answer instanceof Error ? answer.message : refusalWords(answer);
    return {
      name,
      outcome: 'failed',
      detail: `The project ${project.key} was not found: ${why}.`,
      remedy:
        'Check projectKey, and that the account has "Browse projects" there: Jira says "not found" also for "not allowed".',
    };
  }
  if (found.archived === true)
    return {
      name,
      outcome: 'failed',
      detail: `${found.name} is archived: nothing can be written.`,
      remedy: 'Restore the project, or choose another one.',
    };
  return { name, outcome: 'ok', detail: `${found.name} (${found.key}) was found.` };
}

export function checkVisibility(project: JiraProject, seen: BoundProject['visibility']): CheckItem {
  const name = 'visibility';
  if (seen === 'public')
    return {
      name,
      outcome: 'warning',
      detail: 'The project is public: everybody could read the threats without signing in.',
      remedy: 'Take "Anyone" out of its permission scheme, or say allowPublic: true.',
    };
  if (project.base.pathname.startsWith('/ex/jira/'))
    return {
      name,
      outcome: 'not-checked',
      detail: 'Through the gateway it cannot be seen whether the project is public.',
      remedy: 'Look at "Browse projects" in its permission scheme: it must not name "Anyone".',
    };
  return { name, outcome: 'ok', detail: 'Nobody reads the project without signing in.' };
}

type Permissions = Readonly<Record<string, { havePermission?: boolean | undefined }>>;

interface Need {
  name: 'create-issues' | 'edit-issues' | 'close-issues';
  what: string;
  keys: readonly string[];
}

const NEEDS: readonly Need[] = [
  { name: 'create-issues', what: 'create issues and comments', keys: ['CREATE_ISSUES', 'ADD_COMMENTS'] },
  { name: 'edit-issues', what: 'edit issues', keys: ['EDIT_ISSUES'] },
  { name: 'close-issues', what: 'close and reopen issues', keys: ['TRANSITION_ISSUES'] },
];

/** What the account may do in the project, each as a line. */
export function checkPermissions(has: Permissions): readonly CheckItem[] {
  return NEEDS.map(({ name, what, keys }): CheckItem => {
    const missing = keys.filter((key) => has[key]?.havePermission !== true);
    if (missing.length === 0) return { name, outcome: 'ok', detail: `The account may ${what}.` };
    return {
      name,
      outcome: 'failed',
      detail: `The account may not ${what}: it lacks ${missing.join(', ')}.`,
      remedy: 'Give the account a role with these permissions in the project.',
    };
  });
}
