import { accountOf } from './accounts.ts';
import { typeOf } from './draft.ts';
import { newField } from './fields.ts';
import { organizationNamed, projectNamed } from './named.ts';
import { newTypeState } from './processes.ts';
import { addNode, addOrganization, addProject, findNode, renameProject } from './project-acts.ts';
import type { State } from './state.ts';
import { stamp } from './state.ts';
import type { AzureDevopsWorld } from './world.ts';

type Settings = Pick<
  AzureDevopsWorld,
  | 'addUser'
  | 'addServicePrincipal'
  | 'changeClientSecret'
  | 'revokeToken'
  | 'addOrganization'
  | 'addProject'
  | 'renameProject'
  | 'deleteProject'
  | 'setVisibility'
  | 'setRole'
  | 'addArea'
  | 'addIteration'
  | 'denyArea'
  | 'addField'
  | 'addState'
>;

/** What administrators do: people, credentials, projects and their processes. */
export function newSettings(state: State): Settings {
  return {
    addUser({ login, token, name, scopes, expiresAt }) {
      const account = accountOf(state, login, name);
      if (token !== undefined)
        state.credentials.set(token, {
          value: token,
          kind: 'pat',
          account,
          scopes: scopes ?? ['full'],
          revoked: false,
          ...(expiresAt === undefined ? {} : { expiresAt }),
        });
      return { id: account.id, uniqueName: account.uniqueName };
    },
    addServicePrincipal({ login, tenantId, clientId, clientSecret }) {
      const account = accountOf(state, login);
      state.applications.push({ tenantId, clientId, clientSecret, account });
      return { id: account.id, uniqueName: account.uniqueName };
    },
    changeClientSecret(clientId, clientSecret) {
      for (const application of state.applications)
        if (application.clientId === clientId) application.clientSecret = clientSecret;
    },
    revokeToken(token) {
      const found = state.credentials.get(token);
      if (found !== undefined) found.revoked = true;
    },
    addOrganization: (wish) => ({ id: addOrganization(state, wish).id }),
    addProject: (wish) => ({ id: addProject(state, wish).id }),
    renameProject: (place, name) => renameProject(state, projectNamed(state, place), name),
    deleteProject(place) {
      projectNamed(state, place).state = 'deleted';
    },
    setVisibility(place, visibility) {
      const project = projectNamed(state, place);
      project.visibility = visibility;
      project.revision += 1;
      project.updatedAt = stamp(state);
    },
    setRole(place, login, role) {
      const { roles } = projectNamed(state, place);
      const { id } = accountOf(state, login);
      if (role === 'none') roles.delete(id);
      else roles.set(id, role);
    },
    addArea(place, path) {
      addNode(state, projectNamed(state, place), 'areas', path);
    },
    addIteration(place, path) {
      addNode(state, projectNamed(state, place), 'iterations', path);
    },
    denyArea(place, path, login) {
      const project = projectNamed(state, place);
      const node = findNode(project.areas, [project.name, path].filter(Boolean).join('\\'));
      if (node === undefined) throw new Error(`there is no area ${path}`);
      node.deniedTo.add(accountOf(state, login).id);
    },
    addField(place, wish) {
      const project = projectNamed(state, place);
      const { referenceName, name, kind, allowedValues, defaultValue } = wish;
      const { fields } = organizationNamed(state, place.organization);
      fields.set(referenceName.toLowerCase(), newField(referenceName, name, kind ?? 'string'));
      typeOf(project, wish.type).fields.set(referenceName, {
        referenceName,
        required: wish.required ?? false,
        requiredIn: wish.requiredIn ?? [],
        ...(allowedValues === undefined ? {} : { allowedValues }),
        ...(defaultValue === undefined ? {} : { defaultValue }),
      });
    },
    addState(place, type, { name, category }) {
      typeOf(projectNamed(state, place), type).states.push(newTypeState(name, category));
    },
  };
}
