import type { Secret } from '../domain/secret.ts';
import type { Endpoint } from '../ports/tracker.ts';

/** The platform's API as something to call: `THREAT_MODEL_API_URL` with its bearer token. It publishes no limits. */
export function platformEndpoint({ url, token }: { url: string; token?: Secret }): Endpoint {
  const apiRoot = new URL(url.replace(/\/+$/, ''));
  return {
    apiRoot,
    host: apiRoot.host,
    capabilities: { concurrency: 2 },
    sign: () => (token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    pace: () => undefined,
  };
}
