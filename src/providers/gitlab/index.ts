import { Secret } from '../../domain/secret.ts';
import type { Connection, Provider } from '../../ports/tracker.ts';
import { trusting } from '../shared/tls.ts';
import { gitlabFormat } from './format.ts';
import { capabilitiesOf } from './limits.ts';
import { renewalOf } from './oauth.ts';
import { gitlabPace } from './pace.ts';
import { GitlabConfig, GitlabCredentials } from './settings.ts';
import { gitlabTracker } from './tracker.ts';
import { gitlabWebhook } from './webhook.ts';

/** Tokens of persons, projects and groups have a header of their own; an OAuth access is a bearer. */
function signerOf(credentials: GitlabCredentials): Connection['sign'] {
  if (credentials.type === 'token') {
    const token = new Secret(credentials.token);
    return () => ({ 'private-token': token.reveal() });
  }
  const access = new Secret(credentials.accessToken ?? '');
  return () => ({ authorization: `Bearer ${access.reveal()}` });
}

function connect(config: unknown, credentials: unknown): Connection {
  const { baseUrl, projectId, labels, webhookUrl } = GitlabConfig.parse(config);
  const access = GitlabCredentials.parse(credentials);
  const apiRoot = new URL(baseUrl);
  return {
    apiRoot,
    host: apiRoot.host,
    capabilities: capabilitiesOf(apiRoot),
    format: gitlabFormat,
    labels,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(access.type === 'oauth2' ? { renewal: renewalOf(apiRoot, access) } : {}),
    sign: signerOf(access),
    pace: gitlabPace,
    tracker: (send, clock) => gitlabTracker({ apiRoot, projectId, format: gitlabFormat }, send, clock),
  };
}

/** GitLab: gitlab.com and self-managed. */
export const gitlab: Provider = {
  id: 'gitlab',
  title: 'GitLab',
  config: GitlabConfig,
  credentials: GitlabCredentials,
  connect: trusting(connect),
  webhook: gitlabWebhook,
};
