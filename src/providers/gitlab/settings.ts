import { z } from 'zod';
import { Labels, Token, WebUrl } from '../shared/settings.ts';
import { Authorities, ClientCertificate } from '../shared/tls.ts';

const API = '/api/v4';
const FORM =
  'must be https://gitlab.com/api/v4, or https://HOST/api/v4 of your own GitLab (https://HOST/ROOT/api/v4 under a relative root)';

/** The part of an address before `/api/v4`: empty, or the relative root of a self-managed GitLab. */
function rootOf(address: string): string {
  return (URL.parse(address)?.pathname ?? '').replace(/\/+$/, '').replace(/\/api(?:\/v4)?$/, '');
}

/**
 * Addresses of projects and groups are refused: what stands after the host would be taken for a relative root.
 * https://docs.gitlab.com/install/relative_url/
 */
function isApiRoot(address: string): boolean {
  const root = rootOf(address);
  if (isGitlabCom(URL.parse(address))) return root === '';
  return /^(?:\/[A-Za-z0-9._-]+){0,2}$/.test(root) && !/\/(?:api|-)(?:\/|$)/.test(root);
}

function apiRootOf(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address;
  return isGitlabCom(url) ? `https://gitlab.com${API}` : `${url.origin}${rootOf(address)}${API}`;
}

/** The public service, which publishes its limits. */
export function isGitlabCom(url: URL | null): boolean {
  return url?.hostname === 'gitlab.com' || url?.hostname === 'www.gitlab.com';
}

function decoded(projectId: string): string {
  return projectId.replace(/%2f/gi, '/').replace(/^\/+|\/+$/g, '');
}

export const GitlabConfig = z.strictObject({
  baseUrl: WebUrl.refine(isApiRoot, FORM).overwrite(apiRootOf),
  projectId: z
    .string()
    .trim()
    .max(500)
    .overwrite(decoded)
    .regex(
      /^(?:\d{1,18}|[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*)(?:\/[\p{L}\p{N}_][\p{L}\p{N}_.-]*)+)$/u,
      "must be the project's number (on its overview page), or its path, such as group/project",
    ),
  labels: Labels,
  webhookUrl: WebUrl.optional(),
  ca: Authorities,
});

/** What an OAuth application gets; `accessToken` and `expiresAt` are added by a renewal. */
const OAuth = z.strictObject({
  type: z.literal('oauth2'),
  clientId: Token,
  clientSecret: Token,
  refreshToken: Token,
  accessToken: Token.optional(),
  expiresAt: z.iso.datetime().optional(),
  clientCertificate: ClientCertificate,
});
export type GitlabOAuth = z.infer<typeof OAuth>;

export const GitlabCredentials = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('token'), token: Token, clientCertificate: ClientCertificate }),
  OAuth,
]);
export type GitlabCredentials = z.infer<typeof GitlabCredentials>;
