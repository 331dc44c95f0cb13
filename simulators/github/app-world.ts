import { accountOf } from './accounts.ts';
import type { Permissions } from './app-acts.ts';
import { install, newApp, newKey, uninstall, USUAL } from './app-acts.ts';
import { findRepository } from './repository-acts.ts';
import type { App, Installation, Repository, State } from './state.ts';
import { stamp } from './state.ts';

/** What the owner of an App does in its settings, and the owner of repositories with its installation. */
export interface AppWorld {
  /** Registers an App with its first private key, a PEM text. It will write as `slug[bot]`. */
  addApp(app: { slug: string; owner?: string }): { appId: number; clientId: string; privateKey: string };
  addAppKey(slug: string): string;
  deleteAppKeys(slug: string): void;
  /** Installs it on the account of `owner`; on all its repositories if none are named. Answers the installation's id. */
  installApp(wish: {
    slug: string;
    owner: string;
    repositories?: readonly string[];
    permissions?: Permissions;
  }): number;
  /** Takes one repository out of an installation. */
  withdrawApp(installationId: number, repository: string): void;
  suspendApp(installationId: number): void;
  uninstallApp(installationId: number): void;
}

export function newAppWorld(state: State): AppWorld {
  const appAt = (slug: string): App => {
    const found = state.apps.find((each) => each.slug === slug);
    if (found === undefined) throw new Error(`there is no App ${slug}`);
    return found;
  };
  const installationAt = (id: number): Installation => {
    const found = state.installations.find((each) => each.id === id);
    if (found === undefined) throw new Error(`there is no installation ${id}`);
    return found;
  };
  const repositoryOf = (owner: string, name: string): Repository => {
    const found = findRepository(state, owner, name);
    if (found === undefined) throw new Error(`there is no repository ${owner}/${name}`);
    return found;
  };
  return {
    addApp({ slug, owner }) {
      const app = newApp(state, slug, accountOf(state, owner ?? 'mona'));
      return { appId: app.id, clientId: app.clientId, privateKey: newKey(app) };
    },
    addAppKey: (slug) => newKey(appAt(slug)),
    deleteAppKeys(slug) {
      appAt(slug).keys = [];
    },
    installApp({ slug, owner, repositories, permissions }) {
      const chosen = repositories?.map((name) => repositoryOf(owner, name)) ?? 'all';
      return install(state, appAt(slug), accountOf(state, owner), chosen, permissions ?? USUAL).id;
    },
    withdrawApp(id, name) {
      const installation = installationAt(id);
      const { account, repositories } = installation;
      const all = repositories === 'all' ? state.repositories : repositories;
      installation.repositories = all.filter((each) => each.owner === account && each.name !== name);
    },
    suspendApp(id) {
      installationAt(id).suspendedAt = stamp(state);
    },
    uninstallApp: (id) => uninstall(state, installationAt(id)),
  };
}
