import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusalWords } from './answers.ts';
import { boundOf } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabMember } from './wire.ts';
import type { GitlabProject } from './wire.ts';

/** https://docs.gitlab.com/api/access_requests/#valid-access-levels */
const GUEST = 10;
const PLANNER = 15;

/** The account's level in the project, inherited ones counted; 0 = it is no member; undefined = unknown. */
export function levelOf(answer: TrackerResponse | Error): number | undefined {
  if (answer instanceof Error) return undefined;
  if (answer.status === 404) return 0;
  return answer.status === 200 ? GitlabMember.safeParse(answer.json).data?.access_level : undefined;
}

/** What the project's answer says: found, visible to whom, and what we may do in it. */
export function checkProject(
  place: GitlabPlace,
  answer: TrackerResponse | Error,
  project: GitlabProject | undefined,
  level: number | undefined,
): readonly CheckItem[] {
  if (project === undefined) return [missing(place, answer)];
  return [found(project), visibility(project), createIssues(project, level), labels(level)];
}

function missing(place: GitlabPlace, answer: TrackerResponse | Error): CheckItem {
  const why = answer instanceof Error ? answer.message : refusalWords(answer);
  return {
    name: 'project',
    outcome: 'failed',
    detail: `The project ${place.named} was not found: ${why}.`,
    remedy:
      'Check projectId, and that the account is a member of the project: GitLab says "not found" also for "not allowed".',
  };
}

function found(project: GitlabProject): CheckItem {
  const name = 'project';
  const { path_with_namespace: path, archived, marked_for_deletion_on: doomed } = project;
  if (archived === true || doomed != null)
    return {
      name,
      outcome: 'failed',
      detail: `${path} is ${archived === true ? 'archived' : 'about to be deleted'}: nothing can be written.`,
      remedy: 'Unarchive or restore the project, or choose another one.',
    };
  return { name, outcome: 'ok', detail: `${path} was found.` };
}

function visibility(project: GitlabProject): CheckItem {
  const name = 'visibility';
  const seen = boundOf(project).visibility;
  if (seen === 'public')
    return {
      name,
      outcome: 'warning',
      detail: 'The project is public: everybody could read the threats.',
      remedy: 'Use a private project, or show its issues to members only, or say allowPublic: true.',
    };
  const members = project.visibility !== 'private' && seen === 'private';
  return {
    name,
    outcome: 'ok',
    detail: members ? 'The issues of the project are for its members only.' : `The project is ${seen}.`,
  };
}

function createIssues(project: GitlabProject, level: number | undefined): CheckItem {
  const name = 'create-issues';
  if (project.issues_enabled === false || project.issues_access_level === 'disabled')
    return {
      name,
      outcome: 'failed',
      detail: 'Issues are switched off in this project.',
      remedy: 'Switch issues on: Settings > General > Visibility, project features, permissions.',
    };
  if (project.archived === true)
    return {
      name,
      outcome: 'failed',
      detail: 'The project takes no writes.',
      remedy: 'Unarchive the project.',
    };
  if (level === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'GitLab does not say which role the account has.',
      remedy: 'The first create will show it.',
    };
  if (level >= PLANNER)
    return { name, outcome: 'ok', detail: 'The account may create, change and close issues.' };
  const remedy = 'Give the account the role Planner, Reporter or higher.';
  if (level < GUEST)
    return { name, outcome: 'failed', detail: 'The account is no member of the project.', remedy };
  return {
    name,
    outcome: 'warning',
    detail: 'The account is a guest: it can open issues, but change only its own.',
    remedy,
  };
}

function labels(level: number | undefined): CheckItem {
  const name = 'labels';
  if (level === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'GitLab does not say which role the account has.',
      remedy: 'The first create will show it.',
    };
  if (level >= PLANNER)
    return { name, outcome: 'ok', detail: 'The account may set labels; missing ones are made by GitLab.' };
  return {
    name,
    outcome: 'warning',
    detail: 'GitLab drops the labels of guests without saying so.',
    remedy:
      'Give the account the role Planner, Reporter or higher; until then issues may come without labels.',
  };
}
