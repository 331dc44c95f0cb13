/** How webhooks write accounts, labels, projects and times; not always as the API does. */
import { projectUrl } from './shapes.ts';
import type { Account, Label, Project, State } from './state.ts';

type Shape = Record<string, unknown>;

/** `2026-01-31 12:00:00 UTC`. */
export function hookTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

export function accountHookShape(account: Account): Shape {
  return {
    id: account.id,
    name: account.name,
    username: account.username,
    avatar_url: null,
    email: '[REDACTED]',
  };
}

export function labelHookShape(project: Project, label: Label): Shape {
  return {
    id: label.id,
    title: label.name,
    color: label.color,
    project_id: project.id,
    created_at: hookTime(project.createdAt),
    updated_at: hookTime(project.createdAt),
    template: false,
    description: label.description,
    type: 'ProjectLabel',
    group_id: null,
  };
}

const VISIBILITY_LEVELS = { private: 0, internal: 10, public: 20 } as const;

export function projectHookShape(state: State, project: Project): Shape {
  const url = projectUrl(state, project);
  const parts = project.path.split('/');
  const ssh = `git@127.0.0.1:${project.path}.git`;
  return {
    id: project.id,
    name: parts.at(-1) ?? '',
    description: null,
    web_url: url,
    avatar_url: null,
    git_ssh_url: ssh,
    git_http_url: `${url}.git`,
    namespace: parts.slice(0, -1).join('/'),
    visibility_level: VISIBILITY_LEVELS[project.visibility],
    path_with_namespace: project.path,
    default_branch: 'main',
    ci_config_path: '',
    homepage: url,
    url: ssh,
    ssh_url: ssh,
    http_url: `${url}.git`,
  };
}
