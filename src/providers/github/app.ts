import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { API_HEADERS } from './headers.ts';
import type { GithubAppCredentials } from './settings.ts';

/** Clocks differ: GitHub takes no proof from the future, and none that is good for more than ten minutes. */
const BACKDATED_S = 60;
const LIFETIME_S = 9 * 60;

/** A GitHub App as itself: who it is and where it is installed, before any token of an installation. */
export interface GithubApp {
  /** Of the installation: `/app/installations/ID`. */
  path: string;
  /** Headers that prove at that time who the App is. */
  sign(now: Date): Promise<Readonly<Record<string, string>>>;
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
export function appOf({ appId, installationId, privateKey }: GithubAppCredentials): GithubApp {
  const key = createPrivateKey(privateKey);
  return {
    path: `/app/installations/${String(installationId)}`,
    async sign(now) {
      const seconds = Math.floor(now.getTime() / 1000);
      const proof = await new SignJWT()
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
        .setIssuer(String(appId))
        .setIssuedAt(seconds - BACKDATED_S)
        .setExpirationTime(seconds + LIFETIME_S)
        .sign(key);
      return { ...API_HEADERS, authorization: `Bearer ${proof}` };
    },
  };
}
