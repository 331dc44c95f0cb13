import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { Renewal, Send } from '../../ports/tracker.ts';
import { dataOf } from './answers.ts';
import { isServices } from './settings.ts';
import type { ServicePrincipal } from './settings.ts';
import { EntraGrant } from './wire.ts';

const ENTRA = 'https://login.microsoftonline.com';
/** Azure DevOps in Entra ID, the same for everybody. */
const SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default';
const MESSAGE_LIMIT = 300;

const EntraRefusal = z.object({ error: z.string().optional(), error_description: z.string().optional() });

/**
 * Renewal of an application's access, which lasts about an hour. The client secret may be used again and again. Where the
 * base URL is not the public service's, tokens are made at the same host.
 * https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity
 */
export function renewalOf(base: URL, credentials: ServicePrincipal): Renewal {
  const apiRoot = new URL(isServices(base) ? ENTRA : base.origin);
  return {
    endpoint: {
      apiRoot,
      host: apiRoot.host,
      capabilities: { concurrency: 1 },
      sign: () => ({}),
      pace: () => undefined,
    },
    isRepeatable: true,
    ...(credentials.expiresAt === undefined ? {} : { expiresAt: credentials.expiresAt }),
    renew: (send, now, signal) => renew(send, credentials, now, signal),
  };
}

async function renew(
  send: Send,
  credentials: ServicePrincipal,
  now: Date,
  signal: AbortSignal,
): Promise<ServicePrincipal> {
  const { tenantId, clientId, clientSecret } = credentials;
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: SCOPE,
  };
  const path = `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
  const answer = await send({ method: 'POST', path, form }, signal);
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    const { error = '', error_description: description = '' } =
      EntraRefusal.safeParse(answer.json).data ?? {};
    const words = (description || error || `HTTP ${String(answer.status)}`)
      .replace(/\s+/g, ' ')
      .slice(0, MESSAGE_LIMIT);
    throw new TrackerError(
      'tracker-unauthorized',
      `Entra ID gives no access (${words}). Check tenantId, clientId and the client secret, which may have ended.`,
      { arrived: 'no', status: answer.status },
    );
  }
  const grant = dataOf(answer, EntraGrant, 'get access from Entra ID', now);
  const expiresAt = new Date(now.getTime() + grant.expires_in * 1000).toISOString();
  return { ...credentials, accessToken: grant.access_token, expiresAt };
}
