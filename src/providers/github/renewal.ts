import { TrackerError } from '../../domain/errors.ts';
import type { Renewal, Send, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusalWords } from './answers.ts';
import type { GithubApp } from './app.ts';
import { githubPace } from './pace.ts';
import type { GithubAppCredentials } from './settings.ts';
import { GithubInstallationToken } from './wire.ts';

/**
 * Renewal of an installation's token, which lasts one hour. The App's key may be used again and again.
 * https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export function renewalOf(apiRoot: URL, credentials: GithubAppCredentials, app: GithubApp): Renewal {
  return {
    endpoint: {
      apiRoot,
      host: apiRoot.host,
      capabilities: { concurrency: 1 },
      sign: () => ({}),
      pace: githubPace,
    },
    isRepeatable: true,
    ...(credentials.expiresAt === undefined ? {} : { expiresAt: credentials.expiresAt }),
    renew: (send, now, signal) => renew(send, credentials, app, now, signal),
  };
}

async function renew(
  send: Send,
  credentials: GithubAppCredentials,
  app: GithubApp,
  now: Date,
  signal: AbortSignal,
): Promise<GithubAppCredentials> {
  const path = `${app.path}/access_tokens`;
  // One token more does no harm, so that a lost answer may be asked for again like a read.
  const answer = await send({ method: 'POST', path, headers: await app.sign(now), reads: true }, signal);
  if ([401, 403, 404].includes(answer.status))
    throw new TrackerError(
      'tracker-unauthorized',
      `GitHub gives the App no token (${refusalWords(answer)}). ${remedyOf(answer)}`,
      { arrived: 'no', status: answer.status },
    );
  const made = dataOf(answer, GithubInstallationToken, 'make a token for the installation', now);
  return { ...credentials, accessToken: made.token, expiresAt: new Date(made.expires_at).toISOString() };
}

/** What to do when GitHub refuses the App itself. */
export function remedyOf({ status }: TrackerResponse): string {
  if (status === 404)
    return "Check appId and installationId: the App may be uninstalled or deleted. The installation's number stands at the end of the address of its settings page.";
  if (status === 403) return 'Unsuspend the App in the settings of the account it is installed on.';
  return "Check appId, and store a private key of the App that was not deleted; check this host's clock.";
}
