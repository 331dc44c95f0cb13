import { Secret } from '../../domain/secret.ts';
import type { Connection, Provider } from '../../ports/tracker.ts';
import { trusting } from '../shared/tls.ts';
import { adfMarkup } from './adf-markup.ts';
import { capabilitiesOf } from './limits.ts';
import { jiraPace } from './pace.ts';
import { gatewayOf, renewalOf } from './renewal.ts';
import { isCloud, JiraConfig, JiraCredentials } from './settings.ts';
import { jiraTracker } from './tracker.ts';
import { jiraWebhook } from './webhook.ts';
import { wikiMarkup } from './wiki-markup.ts';

/** The published settings name no labels: every issue gets the one that all trackers get by default. */
const LABELS = ['threat-model'];

function authorizationOf(credentials: JiraCredentials): Secret {
  switch (credentials.type) {
    case 'basic':
      return new Secret(
        `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`,
      );
    case 'token':
      return new Secret(`Bearer ${credentials.token}`);
    case 'oauth2':
      return new Secret(`Bearer ${credentials.accessToken ?? ''}`);
  }
}

function connect(config: unknown, given: unknown): Connection {
  const { baseUrl, projectKey, issueTypeId, transitionFields, webhookUrl } = JiraConfig.parse(config);
  const credentials = JiraCredentials.parse(given);
  const base = new URL(baseUrl);
  const cloud = isCloud(base);
  const app = credentials.type === 'oauth2' ? credentials : undefined;
  const apiRoot = app === undefined ? base : (gatewayOf(base, app) ?? base);
  const authorization = authorizationOf(credentials);
  const site = base.pathname.startsWith('/ex/jira/') ? {} : { site: baseUrl };
  const place = {
    ...site,
    base: apiRoot,
    key: projectKey,
    issueTypeId,
    cloud,
    access: credentials.type,
    ...(transitionFields === undefined ? {} : { transitionFields }),
  };
  return {
    apiRoot,
    // Issue ids are a site's own, and the gateway serves them all.
    host: `${base.host}${'site' in site ? '' : base.pathname}`,
    capabilities: capabilitiesOf(cloud ? (app === undefined ? 'cloud' : 'cloud-app') : 'data-center'),
    format: cloud ? adfMarkup.format : wikiMarkup.format,
    labels: LABELS,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    sign: () => ({ authorization: authorization.reveal(), accept: 'application/json' }),
    pace: jiraPace,
    ...(app === undefined
      ? {}
      : { renewal: renewalOf(base, app), webhookSecret: new Secret(app.clientSecret) }),
    tracker: (send, clock) => jiraTracker(place, send, clock),
  };
}

/** Jira Cloud and Jira Data Center. */
export const jira: Provider = {
  id: 'jira',
  title: 'Jira',
  config: JiraConfig,
  credentials: JiraCredentials,
  connect: trusting(connect),
  webhook: jiraWebhook,
};
