import type { Permission, Repository, State } from './state.ts';
import { reaches } from './accounts.ts';
import { fullName } from './repository-acts.ts';
import { accountShape, repositoryUrl } from './shapes.ts';

type Shape = Record<string, unknown>;

/** Parts of a repository's API address, with the variable part that GitHub writes behind it. */
const PLACES: Readonly<Record<string, string>> = {
  archive: '/{archive_format}{/ref}',
  assignees: '{/user}',
  blobs: '{/sha}',
  branches: '{/branch}',
  collaborators: '{/collaborator}',
  comments: '{/number}',
  commits: '{/sha}',
  compare: '/{base}...{head}',
  contents: '/{+path}',
  contributors: '',
  deployments: '',
  downloads: '',
  events: '',
  forks: '',
  git_commits: '{/sha}',
  git_refs: '{/sha}',
  git_tags: '{/sha}',
  hooks: '',
  issue_comment: '{/number}',
  issue_events: '{/number}',
  issues: '{/number}',
  keys: '{/key_id}',
  labels: '{/name}',
  languages: '',
  merges: '',
  milestones: '{/number}',
  notifications: '{?since,all,participating}',
  pulls: '{/number}',
  releases: '{/id}',
  stargazers: '',
  statuses: '/{sha}',
  subscribers: '',
  subscription: '',
  tags: '',
  teams: '',
  trees: '{/sha}',
};

/** A repository as webhooks carry it. */
export function repositoryShape(state: State, repository: Repository): Shape {
  const url = repositoryUrl(state, repository);
  const html = `${state.url}/${fullName(repository)}`;
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length;
  const places = Object.entries(PLACES).map(([name, rest]) => [
    `${name}_url`,
    `${url}/${name.replace(/^(git|issue)_/, (_, part: string) => (part === 'git' ? 'git/' : 'issues/'))}${rest}`,
  ]);
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: fullName(repository),
    private: repository.visibility !== 'public',
    owner: accountShape(state, repository.owner),
    html_url: html,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(places),
    git_url: `git:${html.replace(/^https?:/, '')}.git`,
    ssh_url: `git@127.0.0.1:${fullName(repository)}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    forks_count: 0,
    forks: 0,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    size: 1,
    default_branch: 'main',
    open_issues_count: open,
    open_issues: open,
    is_template: false,
    topics: [],
    has_issues: repository.hasIssues,
    has_projects: true,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: repository.archived,
    disabled: false,
    visibility: repository.visibility,
    license: null,
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: repository.createdAt,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
  };
}

/** A repository as `GET /repos/{owner}/{repo}` shows it to somebody with that permission. */
export function fullRepositoryShape(
  state: State,
  repository: Repository,
  permission: Permission | undefined,
): Shape {
  return {
    ...repositoryShape(state, repository),
    ...(repository.owner.type === 'Organization'
      ? { organization: accountShape(state, repository.owner) }
      : {}),
    network_count: 0,
    subscribers_count: 0,
    permissions: {
      admin: reaches(permission, 'admin'),
      maintain: reaches(permission, 'maintain'),
      push: reaches(permission, 'write'),
      triage: reaches(permission, 'triage'),
      pull: reaches(permission, 'read'),
    },
  };
}
