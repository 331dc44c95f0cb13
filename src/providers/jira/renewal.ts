import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { Endpoint, Renewal, Send, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusalWords } from './answers.ts';
import { jiraPace } from './pace.ts';
import type { OAuthCredentials } from './settings.ts';

const TOKENS = 'https://auth.atlassian.com';
const GATEWAY = 'https://api.atlassian.com';

const Tokens = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
});
const Sites = z.array(z.object({ id: z.string().min(1), url: z.string(), name: z.string().optional() }));

/** Atlassian's own hosts; a gateway elsewhere (`https://HOST/ex/jira/ID`) makes its tokens at the same origin. */
function hostsOf(base: URL): { tokens: string; gateway: string } {
  const own = /(?:^|\.)(?:atlassian\.(?:com|net)|jira\.com)$/.test(base.hostname);
  return own ? { tokens: TOKENS, gateway: GATEWAY } : { tokens: base.origin, gateway: base.origin };
}

/** The API of an OAuth app's site; undefined = its cloud id is not known yet. */
export function gatewayOf(base: URL, credentials: OAuthCredentials): URL | undefined {
  if (base.pathname.startsWith('/ex/jira/')) return base;
  const { cloudId } = credentials;
  return cloudId === undefined ? undefined : new URL(`${hostsOf(base).gateway}/ex/jira/${cloudId}`);
}

function endpointOf(address: string): Endpoint {
  const apiRoot = new URL(address);
  return { apiRoot, host: apiRoot.host, capabilities: { concurrency: 1 }, sign: () => ({}), pace: jiraPace };
}

/**
 * Access of an OAuth app. A refresh token works once: what is answered has to be stored before it is used. The cloud id
 * of the site is asked for afterwards, at another host: then a renewal is due again at once.
 * https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
 */
export function renewalOf(base: URL, credentials: OAuthCredentials): Renewal {
  const { accessToken, accessExpiresAt } = credentials;
  const { tokens, gateway } = hostsOf(base);
  const isKnown = gatewayOf(base, credentials) !== undefined;
  if (accessToken !== undefined && !isKnown)
    return {
      endpoint: endpointOf(gateway),
      isRepeatable: true,
      renew: (send, _now, signal) => withCloudId(base, credentials, accessToken, send, signal),
    };
  return {
    endpoint: endpointOf(tokens),
    isRepeatable: false,
    ...(accessExpiresAt === undefined ? {} : { expiresAt: accessExpiresAt }),
    renew: (send, now, signal) => withTokens(credentials, send, now, signal),
  };
}

async function withTokens(
  credentials: OAuthCredentials,
  send: Send,
  now: Date,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const json = {
    grant_type: 'refresh_token',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    refresh_token: credentials.refreshToken,
  };
  const answer = await send({ method: 'POST', path: '/oauth/token', json }, signal);
  if ([400, 401, 403].includes(answer.status)) throw deadGrant(answer);
  const made = dataOf(answer, Tokens, 'renew the access');
  return {
    ...credentials,
    accessToken: made.access_token,
    accessExpiresAt: new Date(now.getTime() + made.expires_in * 1000).toISOString(),
    refreshToken: made.refresh_token ?? credentials.refreshToken,
  };
}

function deadGrant(answer: TrackerResponse): TrackerError {
  return new TrackerError(
    'tracker-unauthorized',
    `Atlassian does not renew the access any more (${refusalWords(answer)}). Let a person authorise the app again and store the new refresh token.`,
    { arrived: 'no', status: answer.status },
  );
}

async function withCloudId(
  base: URL,
  credentials: OAuthCredentials,
  accessToken: string,
  send: Send,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const path = '/oauth/token/accessible-resources';
  const sites = dataOf(
    await send({ method: 'GET', path, headers }, signal),
    Sites,
    'list the sites of the app',
  );
  const site = sites.find(({ url }) => URL.parse(url)?.host === base.host);
  if (site !== undefined) return { ...credentials, cloudId: site.id };
  const known = sites.map(({ url }) => url).join(', ') || 'none';
  throw new TrackerError(
    'tracker-unauthorized',
    `The app may not use ${base.host}; it may use: ${known}. Authorise it for that site, or change baseUrl.`,
    { arrived: 'no' },
  );
}
