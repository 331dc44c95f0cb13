/** GitHub Apps: their keys, where they are installed, and the tokens of an installation. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { accountOf } from './accounts.ts';
import type { Account, App, Installation, Repository, State, Token } from './state.ts';
import { isoSeconds, newIds, stamp } from './state.ts';

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
const TOKEN_MS = 3_600_000;

export const USUAL = { metadata: 'read', issues: 'write', repository_hooks: 'write' } as const;
export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

/** Registers an App with the account it will write as; it has no key yet. */
export function newApp(state: State, slug: string, owner: Account): App {
  const bot = accountOf(state, `${slug}[bot]`, 'Bot');
  const ids = newIds(state, 'A');
  const clientId = `Iv23li${ids.id.toString(36)}`;
  const app: App = { ...ids, slug, owner, bot, clientId, keys: [], createdAt: stamp(state) };
  state.apps.push(app);
  return app;
}

/** One more key of the App, as the file that GitHub lets its owner download once (PKCS#1). */
export function newKey(app: App): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  app.keys.push(createPublicKey(privateKey));
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

export function install(
  state: State,
  app: App,
  account: Account,
  repositories: Repository[] | 'all',
  permissions: Permissions,
): Installation {
  const { id } = newIds(state, 'IN');
  const installation: Installation = {
    id,
    app,
    account,
    repositories,
    permissions,
    suspendedAt: null,
    createdAt: stamp(state),
  };
  state.installations.push(installation);
  return installation;
}

/** The installation ends, and its tokens with it. */
export function uninstall(state: State, installation: Installation): void {
  state.installations = state.installations.filter((each) => each !== installation);
  for (const token of state.tokens.values()) if (token.installation === installation) token.revoked = true;
}

/** A token that lives one hour; `within` narrows it to some of the installation's repositories. */
export function newInstallationToken(
  state: State,
  installation: Installation,
  permissions: Permissions,
  within: readonly Repository[] | undefined,
): Token & { expiresAt: string } {
  const secret = Math.floor(state.random() * 2 ** 48).toString(16);
  const token = {
    value: `ghs_${newIds(state, 'T').id.toString(36)}${secret}`,
    account: installation.app.bot,
    kind: 'installation' as const,
    scopes: [],
    permissions,
    installation,
    revoked: false,
    expiresAt: isoSeconds(new Date(state.now().getTime() + TOKEN_MS)),
    ...(within === undefined ? {} : { within }),
  };
  state.tokens.set(token.value, token);
  return token;
}

/** The repositories an installation reaches now. */
export function repositoriesOf(state: State, { account, repositories }: Installation): Repository[] {
  return repositories === 'all' ? state.repositories.filter(({ owner }) => owner === account) : repositories;
}
