import { TrackerError } from '../../domain/errors.ts';
import type { Renewal, Send } from '../../ports/tracker.ts';
import { dataOf, refusalWords } from './answers.ts';
import type { GitlabOAuth } from './settings.ts';
import { GitlabGrant } from './wire.ts';

/** What GitLab gives when it does not say. */
const LIFETIME_S = 7200;
const AGAIN = 'Authorize the application again and store the new refresh token.';

/**
 * Renewal of an OAuth access, which lasts two hours; the refresh token works once and is replaced by the answer's.
 * https://docs.gitlab.com/api/oauth2/
 */
export function renewalOf(apiRoot: URL, credentials: GitlabOAuth): Renewal {
  const webRoot = new URL(apiRoot.href.replace(/\/api\/v4\/?$/, ''));
  return {
    endpoint: {
      apiRoot: webRoot,
      host: webRoot.host,
      capabilities: { concurrency: 1 },
      sign: () => ({}),
      pace: () => undefined,
    },
    isRepeatable: false,
    ...(credentials.expiresAt === undefined ? {} : { expiresAt: credentials.expiresAt }),
    renew: (send, now, signal) => renew(send, credentials, now, signal),
  };
}

async function renew(
  send: Send,
  credentials: GitlabOAuth,
  now: Date,
  signal: AbortSignal,
): Promise<GitlabOAuth> {
  const { clientId, clientSecret, refreshToken } = credentials;
  const json = {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
  };
  const answer = await send({ method: 'POST', path: '/oauth/token', json }, signal);
  if (answer.status === 400 || answer.status === 401 || answer.status === 403)
    throw new TrackerError(
      'tracker-unauthorized',
      `GitLab does not renew the access (${refusalWords(answer)}). ${AGAIN}`,
      { arrived: 'no', status: answer.status },
    );
  const grant = dataOf(answer, GitlabGrant, 'renew the access', now);
  const lifetime = grant.expires_in ?? LIFETIME_S;
  return {
    ...credentials,
    refreshToken: grant.refresh_token,
    accessToken: grant.access_token,
    expiresAt: new Date(now.getTime() + lifetime * 1000).toISOString(),
  };
}
