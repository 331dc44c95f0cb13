import { z } from 'zod';
import { Token, WebUrl } from '../shared/settings.ts';
import { Authorities, ClientCertificate } from '../shared/tls.ts';
import { TransitionFields } from './transition-fields.ts';

const CLOUD_HOST = /\.(?:atlassian\.net|jira\.com)$/;
const GATEWAY_HOST = 'api.atlassian.com';
const GATEWAY_PATH = /^\/ex\/jira\/[A-Za-z0-9-]{1,64}(?=\/|$)/;
/** Where a page of Jira begins: what people copy from their browser. */
const PAGE = /\/(?:rest|browse|secure|projects|issues|plugins|servicedesk|login\.jsp)(?:\/.*)?$/;

/** Which Jira an address belongs to: a site of Jira Cloud, or Jira Data Center. */
export function isCloud(base: URL): boolean {
  return CLOUD_HOST.test(base.hostname) || GATEWAY_PATH.test(base.pathname);
}

/**
 * The root below which `/rest/api` lies, for an address as people paste it: a site has no path, the gateway of scoped
 * tokens keeps its cloud id, a Data Center keeps its context path.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
 */
function rootOf(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address;
  const gateway = GATEWAY_PATH.exec(url.pathname);
  if (gateway !== null) return url.origin + gateway[0];
  if (CLOUD_HOST.test(url.hostname)) return url.origin;
  return url.origin + url.pathname.replace(/\/+$/, '').replace(PAGE, '');
}

function isRoot(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  return url.hostname !== GATEWAY_HOST || GATEWAY_PATH.test(url.pathname);
}

export const JiraConfig = z.strictObject({
  baseUrl: WebUrl.refine(
    isRoot,
    'must be https://SITE.atlassian.net, https://api.atlassian.com/ex/jira/CLOUD-ID, or https://HOST[/CONTEXT] of a Data Center',
  ).overwrite(rootOf),
  projectKey: z
    .string()
    .trim()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be a project key, such as TM'),
  issueTypeId: z.string().trim().regex(/^\d+$/, 'must be the number of an issue type, such as 10001'),
  transitionFields: TransitionFields.optional(),
  webhookUrl: WebUrl.optional(),
  ca: Authorities,
});

/** Cloud: e-mail and API token. Data Center: user name and password. */
const Basic = z.strictObject({
  type: z.literal('basic'),
  username: z.string().trim().min(1).max(320),
  password: Token,
  clientCertificate: ClientCertificate,
});

/** Data Center: a personal access token. */
const Bearer = z.strictObject({
  type: z.literal('token'),
  token: Token,
  clientCertificate: ClientCertificate,
});

/** Cloud: an app's OAuth 2.0 (3LO) grant. What is optional is kept by us from one renewal to the next. */
const OAuth = z.strictObject({
  type: z.literal('oauth2'),
  clientId: Token,
  clientSecret: Token,
  refreshToken: Token,
  accessToken: Token.exactOptional(),
  accessExpiresAt: z.iso.datetime().exactOptional(),
  cloudId: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/)
    .exactOptional(),
  clientCertificate: ClientCertificate,
});
export type OAuthCredentials = z.infer<typeof OAuth>;

export const JiraCredentials = z.discriminatedUnion('type', [Basic, Bearer, OAuth]);
export type JiraCredentials = z.infer<typeof JiraCredentials>;
