import type { Answer } from '../../shared/answers.ts';
import type { Permissions } from '../app-acts.ts';
import { newInstallationToken, repositoriesOf } from '../app-acts.ts';
import { appShape, installationShape, selectionOf } from '../app-shape.ts';
import { notFound, refuse } from '../answers.ts';
import { page } from '../paging.ts';
import { fullRepositoryShape } from '../repository-shape.ts';
import type { ApiRequest } from '../request.ts';
import { isFields, names, param } from '../request.ts';
import { accountShape } from '../shapes.ts';
import type { App, Installation, Repository } from '../state.ts';
import { route } from './route.ts';

const INSTALLATION = '/app/installations/:installation_id';

/** What an App asks with its own proof, and an installation with its token. https://docs.github.com/en/rest/apps */
export const appRoutes = [
  route('GET /app', (request) => ({ status: 200, json: appShape(request.state, appOf(request)) })),
  route(`GET ${INSTALLATION}`, (request) => shown(request, installationOf(request))),
  route(`POST ${INSTALLATION}/access_tokens`, makeToken),
  route('GET /repos/:owner/:repo/installation', findInstallation),
  route('GET /installation/repositories', listRepositories),
  route('DELETE /installation/token', revokeToken),
  route('GET /users/:username', user),
];

function appOf({ caller }: ApiRequest): App {
  if (caller.app === undefined) throw refuse(401, 'A JSON web token could not be decoded');
  return caller.app;
}

function installationsOf(request: ApiRequest): Installation[] {
  const app = appOf(request);
  return request.state.installations.filter((each) => each.app === app);
}

function installationOf(request: ApiRequest): Installation {
  const wanted = param(request, 'installation_id');
  const found = installationsOf(request).find(({ id }) => String(id) === wanted);
  if (found === undefined) throw notFound();
  return found;
}

function shown({ state }: ApiRequest, installation: Installation): Answer {
  return { status: 200, json: installationShape(state, installation) };
}

function findInstallation(request: ApiRequest): Answer {
  const name = `${param(request, 'owner')}/${param(request, 'repo')}`.toLowerCase();
  const found = installationsOf(request).find((each) =>
    repositoriesOf(request.state, each).some(
      (repository) => `${repository.owner.login}/${repository.name}`.toLowerCase() === name,
    ),
  );
  if (found === undefined) throw notFound();
  return shown(request, found);
}

/** A token may be narrowed to some repositories and permissions, never widened. */
function makeToken(request: ApiRequest): Answer {
  const { state, body } = request;
  const installation = installationOf(request);
  if (installation.suspendedAt !== null) throw refuse(403, 'This installation has been suspended');
  const within = narrowedTo(request, installation);
  const permissions = permissionsOf(body['permissions'], installation);
  const token = newInstallationToken(state, installation, permissions, within);
  const json = {
    token: token.value,
    expires_at: token.expiresAt,
    permissions,
    repository_selection: within === undefined ? selectionOf(installation) : 'selected',
    ...(within === undefined
      ? {}
      : { repositories: within.map((each) => fullRepositoryShape(state, each, undefined)) }),
  };
  return { status: 201, json };
}

function narrowedTo({ state, body }: ApiRequest, installation: Installation): Repository[] | undefined {
  const wantedNames = names(body['repositories'], 'repositories', 'name') ?? [];
  const wantedIds: unknown[] = Array.isArray(body['repository_ids']) ? body['repository_ids'] : [];
  if (wantedNames.length + wantedIds.length === 0) return undefined;
  const found = repositoriesOf(state, installation).filter(
    ({ id, name }) => wantedNames.includes(name) || wantedIds.includes(id),
  );
  if (found.length === wantedNames.length + wantedIds.length) return found;
  throw refuse(
    422,
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  );
}

function permissionsOf(wanted: unknown, { permissions }: Installation): Permissions {
  if (!isFields(wanted)) return permissions;
  const narrowed: Record<string, 'read' | 'write'> = {};
  for (const [name, level] of Object.entries(wanted)) {
    const granted = permissions[name];
    if (granted === undefined || (level === 'write' && granted === 'read'))
      throw refuse(422, 'The permissions requested are not granted to this installation.');
    narrowed[name] = level === 'write' ? 'write' : 'read';
  }
  return { metadata: 'read', ...narrowed };
}

function listRepositories(request: ApiRequest): Answer {
  const { state, caller } = request;
  const { token } = caller;
  if (token?.installation === undefined)
    throw refuse(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    );
  const found = token.within ?? repositoriesOf(state, token.installation);
  const answer = page(request, found, (each) => fullRepositoryShape(state, each, undefined));
  const json = {
    total_count: found.length,
    repository_selection: selectionOf(token.installation),
    repositories: answer.json,
  };
  return { ...answer, json };
}

function revokeToken({ caller: { token } }: ApiRequest): Answer {
  if (token?.installation === undefined) throw refuse(401, 'Bad credentials');
  token.revoked = true;
  return { status: 204 };
}

/** Anybody's public account; `slug[bot]` is an App's. */
function user(request: ApiRequest): Answer {
  const account = request.state.accounts.get(param(request, 'username').toLowerCase());
  if (account === undefined) throw notFound();
  return { status: 200, json: accountShape(request.state, account) };
}
