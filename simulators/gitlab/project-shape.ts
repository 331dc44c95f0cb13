import { levelOf } from './accounts.ts';
import type { Caller } from './accounts.ts';
import { projectUrl } from './shapes.ts';
import type { Project, State } from './state.ts';

/** A project as `GET /projects/:id` shows it; visitors see less than members. */
export function projectShape(state: State, project: Project, { account }: Caller): Record<string, unknown> {
  const [namespace = '', ...rest] = project.path.split('/').toReversed().slice(1).toReversed();
  const group = [namespace, ...rest].join('/');
  const name = project.path.slice(group.length + 1);
  const url = projectUrl(state, project);
  const api = `${state.url}/api/v4/projects/${project.id}`;
  const level = levelOf(project, account);
  const base = {
    id: project.id,
    description: null,
    name,
    name_with_namespace: `${group} / ${name}`,
    path: name,
    path_with_namespace: project.path,
    created_at: project.createdAt,
    default_branch: 'main',
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@127.0.0.1:${project.path}.git`,
    http_url_to_repo: `${url}.git`,
    web_url: url,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.updatedAt,
    visibility: project.visibility,
    namespace: {
      id: 1,
      name: group,
      path: group.split('/').at(-1) ?? group,
      kind: 'group',
      full_path: group,
      parent_id: null,
      avatar_url: null,
      web_url: `${state.url}/groups/${group}`,
    },
  };
  if (account === undefined) return base;
  const isMember = level > 0;
  return {
    ...base,
    container_registry_image_prefix: `127.0.0.1/${project.path}`,
    _links: {
      self: api,
      issues: `${api}/issues`,
      merge_requests: `${api}/merge_requests`,
      labels: `${api}/labels`,
      events: `${api}/events`,
      members: `${api}/members`,
    },
    marked_for_deletion_at: null,
    marked_for_deletion_on: null,
    packages_enabled: true,
    empty_repo: true,
    archived: project.archived,
    resolve_outdated_diff_discussions: false,
    repository_object_format: 'sha1',
    issues_enabled: project.issuesAccess !== 'disabled',
    merge_requests_enabled: true,
    wiki_enabled: true,
    jobs_enabled: true,
    snippets_enabled: true,
    service_desk_enabled: false,
    service_desk_address: null,
    can_create_merge_request_in: isMember,
    issues_access_level: project.issuesAccess,
    repository_access_level: 'enabled',
    merge_requests_access_level: 'enabled',
    forking_access_level: 'enabled',
    wiki_access_level: 'enabled',
    builds_access_level: 'enabled',
    snippets_access_level: 'enabled',
    emails_disabled: false,
    emails_enabled: true,
    shared_runners_enabled: true,
    lfs_enabled: true,
    creator_id: 1,
    import_url: null,
    import_type: null,
    import_status: 'none',
    open_issues_count: [...project.issues.values()].filter((issue) => issue.state === 'opened').length,
    description_html: '',
    updated_at: project.updatedAt,
    ...(level >= 40 ? { runners_token: null, ci_config_path: '', shared_with_groups: [] } : {}),
    autoclose_referenced_issues: true,
    permissions: {
      project_access: isMember ? { access_level: level, notification_level: 3 } : null,
      group_access: null,
    },
  };
}
