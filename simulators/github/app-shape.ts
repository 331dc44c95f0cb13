/** How GitHub writes Apps and their installations as JSON. */
import { accountShape } from './shapes.ts';
import type { App, Installation, State } from './state.ts';
import { USUAL } from './app-acts.ts';

type Shape = Record<string, unknown>;

export function appShape(state: State, app: App): Shape {
  const installations = state.installations.filter((each) => each.app === app);
  return {
    id: app.id,
    slug: app.slug,
    node_id: app.nodeId,
    client_id: app.clientId,
    owner: accountShape(state, app.owner),
    name: app.slug,
    description: null,
    external_url: `${state.url}/apps/${app.slug}`,
    html_url: `${state.url}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: USUAL,
    events: [],
    installations_count: installations.length,
  };
}

export function installationShape(state: State, installation: Installation): Shape {
  const { id, app, account, permissions, suspendedAt, createdAt } = installation;
  const url = `${state.url}/api/v3/app/installations/${id}`;
  return {
    id,
    account: accountShape(state, account),
    repository_selection: selectionOf(installation),
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${state.url}/api/v3/installation/repositories`,
    html_url: `${state.url}/settings/installations/${id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions,
    events: [],
    created_at: createdAt,
    updated_at: createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspendedAt === null ? null : accountShape(state, account),
    suspended_at: suspendedAt,
  };
}

export function selectionOf({ repositories }: Installation): 'all' | 'selected' {
  return repositories === 'all' ? 'all' : 'selected';
}
