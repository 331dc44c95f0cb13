import { Secret } from '../../domain/secret.ts';
import type { Connection, Provider } from '../../ports/tracker.ts';
import { markdownFormat } from '../shared/markdown.ts';
import { trusting } from '../shared/tls.ts';
import { appOf } from './app.ts';
import { API_HEADERS } from './headers.ts';
import { BODY_LIMIT, capabilitiesOf } from './limits.ts';
import { githubPace } from './pace.ts';
import { renewalOf } from './renewal.ts';
import { GithubConfig, GithubCredentials } from './settings.ts';
import { githubTracker } from './tracker.ts';
import { githubWebhook } from './webhook.ts';

/** Room for the hidden mark of a comment. */
const COMMENT_LIMIT = BODY_LIMIT - 500;

function connect(config: unknown, credentials: unknown): Connection {
  const { baseUrl, owner, repo, labels, webhookUrl } = GithubConfig.parse(config);
  const access = GithubCredentials.parse(credentials);
  const token = new Secret(access.type === 'token' ? access.token : (access.accessToken ?? ''));
  const apiRoot = new URL(baseUrl);
  const app = access.type === 'github_app' ? appOf(access) : undefined;
  const format = markdownFormat(COMMENT_LIMIT);
  return {
    apiRoot,
    host: apiRoot.host,
    capabilities: capabilitiesOf(apiRoot),
    format,
    labels,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(access.type === 'github_app' && app !== undefined
      ? { renewal: renewalOf(apiRoot, access, app) }
      : {}),
    sign: () => ({ ...API_HEADERS, authorization: `Bearer ${token.reveal()}` }),
    pace: githubPace,
    tracker: (send, clock) => githubTracker({ apiRoot, owner, repo, format, app }, send, clock),
  };
}

/** GitHub: github.com, GHE.com and Enterprise Server; with a token, or as an App. */
export const github: Provider = {
  id: 'github',
  title: 'GitHub',
  config: GithubConfig,
  credentials: GithubCredentials,
  connect: trusting(connect),
  webhook: githubWebhook,
};
