import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { Labels, Token, WebUrl } from '../shared/settings.ts';
import { Authorities, ClientCertificate } from '../shared/tls.ts';

const PUBLIC_API = 'https://api.github.com';

/**
 * The API's root for an address as people paste it: `https://github.com` is `https://api.github.com`, and an
 * Enterprise Server's own address gets `/api/v3`.
 * https://docs.github.com/en/enterprise-server/rest/quickstart
 */
function apiRootOf(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address;
  const host = url.hostname.toLowerCase();
  if (host === 'github.com' || host === 'www.github.com') return PUBLIC_API;
  if (host === 'api.github.com') return PUBLIC_API;
  if (host.startsWith('api.') && host.endsWith('.ghe.com')) return url.origin;
  if (host.endsWith('.ghe.com')) return `${url.protocol}//api.${url.host}`;
  return `${url.origin}/api/v3`;
}

function isApiRoot(address: string): boolean {
  const path = URL.parse(address)?.pathname.replace(/\/+$/, '') ?? '';
  return path === '' || path === '/api/v3' || path === '/api';
}

export const GithubConfig = z.strictObject({
  baseUrl: WebUrl.refine(
    isApiRoot,
    'must be https://api.github.com, or https://HOST/api/v3 of an Enterprise Server',
  ).overwrite(apiRootOf),
  owner: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be the login of a user or organization'),
  repo: z
    .string()
    .trim()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'must be the name of a repository, without its owner'),
  labels: Labels,
  webhookUrl: WebUrl.optional(),
  ca: Authorities,
});
export type GithubConfig = z.infer<typeof GithubConfig>;

const SHORTEST_KEY_BITS = 2048;

/** A key as GitHub makes it, or turned into PKCS#8; never one with a passphrase. */
function isRsaKey(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_KEY_BITS;
  } catch {
    return false;
  }
}

/** A number as people send it: as one, or as text. */
const InstallationId = z.union([
  z.int().positive(),
  z
    .string()
    .trim()
    .regex(
      /^[1-9]\d{0,17}$/,
      "must be a number, the last part of the address of the installation's settings",
    ),
]);

/** What a GitHub App is made of; `accessToken` and `expiresAt` are added by a renewal. */
const App = z.strictObject({
  type: z.literal('github_app'),
  appId: z.union([
    z.int().positive(),
    z
      .string()
      .trim()
      .regex(/^(?:[1-9]\d{0,17}|Iv[A-Za-z0-9.]{8,60})$/, "must be the App's ID, a number, or its client ID"),
  ]),
  installationId: InstallationId,
  privateKey: z
    .string()
    .trim()
    .max(20_000)
    .overwrite((pem) => pem.replaceAll('\\n', '\n'))
    .refine(
      isRsaKey,
      'must be a private key of the App (the .pem file that GitHub gave, from -----BEGIN to END-----)',
    ),
  accessToken: Token.optional(),
  expiresAt: z.iso.datetime().optional(),
  clientCertificate: ClientCertificate,
});
export type GithubAppCredentials = z.infer<typeof App>;

export const GithubCredentials = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('token'), token: Token, clientCertificate: ClientCertificate }),
  App,
]);
