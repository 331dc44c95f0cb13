import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusalWords } from './answers.ts';
import { boundOf } from './project.ts';
import type { GithubProject } from './project.ts';
import type { GithubRepository } from './wire.ts';

/** What the repository's answer says: found, visible to whom, and what we may do in it. */
export function checkProject(
  project: GithubProject,
  answer: TrackerResponse | Error,
  repository: GithubRepository | undefined,
): readonly CheckItem[] {
  if (repository === undefined) return [missing(project, answer)];
  return [found(repository), visibility(repository), createIssues(repository), labels(repository)];
}

function missing(project: GithubProject, answer: TrackerResponse | Error): CheckItem {
  const name = project.path.replace('/repos/', '');
  const why = answer instanceof Error ? answer.message : refusalWords(answer);
  return {
    name: 'project',
    outcome: 'failed',
    detail: `The repository ${name} was not found: ${why}.`,
    remedy:
      'Check owner and repo, and that the token may see it: GitHub says "not found" also for "not allowed".',
  };
}

function found(repository: GithubRepository): CheckItem {
  const name = 'project';
  if (repository.archived === true || repository.disabled === true)
    return {
      name,
      outcome: 'failed',
      detail: `${repository.full_name} is ${repository.archived === true ? 'archived' : 'disabled'}: nothing can be written.`,
      remedy: 'Unarchive the repository, or choose another one.',
    };
  return { name, outcome: 'ok', detail: `${repository.full_name} was found.` };
}

function visibility(repository: GithubRepository): CheckItem {
  const name = 'visibility';
  const seen = boundOf(repository).visibility;
  if (seen !== 'public') return { name, outcome: 'ok', detail: `The repository is ${seen}.` };
  return {
    name,
    outcome: 'warning',
    detail: 'The repository is public: everybody could read the threats.',
    remedy: 'Use a private repository, or say allowPublic: true.',
  };
}

function createIssues(repository: GithubRepository): CheckItem {
  const name = 'create-issues';
  if (repository.has_issues === false)
    return {
      name,
      outcome: 'failed',
      detail: 'Issues are switched off in this repository.',
      remedy: 'Switch issues on in the settings of the repository.',
    };
  if (repository.archived === true || repository.disabled === true)
    return {
      name,
      outcome: 'failed',
      detail: 'The repository takes no writes.',
      remedy: 'Unarchive the repository.',
    };
  const { permissions } = repository;
  if (permissions === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'GitHub does not say what the token may do.',
      remedy: 'The first create will show it.',
    };
  if (permissions.push === true || permissions.triage === true || permissions.admin === true)
    return { name, outcome: 'ok', detail: 'The account may create and change issues.' };
  return {
    name,
    outcome: 'warning',
    detail:
      'The account may only read the repository: it can open issues, but change none that others opened.',
    remedy: 'Give the account the role Triage or Write.',
  };
}

function labels(repository: GithubRepository): CheckItem {
  const name = 'labels';
  const { push, triage, admin } = repository.permissions ?? {};
  if (push === true || admin === true)
    return { name, outcome: 'ok', detail: 'The account may make and set labels.' };
  return {
    name,
    outcome: 'warning',
    detail:
      triage === true
        ? 'The account may set labels but not make new ones.'
        : 'Without push access GitHub drops labels without saying so.',
    remedy: 'Give the account the role Write; until then issues may come without labels.',
  };
}
