import { Secret } from '../../domain/secret.ts';
import type { Connection, Provider } from '../../ports/tracker.ts';
import { trusting } from '../shared/tls.ts';
import { renewalOf } from './entra.ts';
import { htmlFormat } from './html-format.ts';
import { CAPABILITIES } from './limits.ts';
import { azureDevopsPace } from './pace.ts';
import { AzureDevopsConfig, AzureDevopsCredentials } from './settings.ts';
import { azureDevopsTracker } from './tracker.ts';
import { azureDevopsWebhook } from './webhook.ts';

/** The published settings name no labels: every work item gets the tag that all trackers set if nothing else is said. */
const LABELS = ['threat-model'];

function authorizationOf(credentials: AzureDevopsCredentials): Secret {
  if (credentials.type === 'service_principal') return new Secret(`Bearer ${credentials.accessToken ?? ''}`);
  return new Secret(`Basic ${Buffer.from(`:${credentials.token}`).toString('base64')}`);
}

function connect(config: unknown, credentials: unknown): Connection {
  const { baseUrl, organization, project, workItemType, webhookUrl, ...settings } =
    AzureDevopsConfig.parse(config);
  const access = AzureDevopsCredentials.parse(credentials);
  const apiRoot = new URL(`${baseUrl}/${encodeURIComponent(organization)}`);
  const authorization = authorizationOf(access);
  const { areaPath, iterationPath, severityField = 'priority' } = settings;
  const place = {
    apiRoot,
    named: project,
    workItemType,
    severityField,
    ...(areaPath === undefined ? {} : { areaPath }),
    ...(iterationPath === undefined ? {} : { iterationPath }),
    access: access.type,
  };
  return {
    apiRoot,
    // Work items are numbered within an organization or collection.
    host: `${apiRoot.host}${apiRoot.pathname.toLowerCase()}`,
    capabilities: CAPABILITIES,
    format: htmlFormat,
    labels: LABELS,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(access.type === 'service_principal' ? { renewal: renewalOf(new URL(baseUrl), access) } : {}),
    sign: () => ({ authorization: authorization.reveal(), 'x-tfs-fedauthredirect': 'Suppress' }),
    pace: azureDevopsPace,
    tracker: (send, clock) => azureDevopsTracker(place, send, clock),
  };
}

/** Azure DevOps: Services and Server. */
export const azureDevops: Provider = {
  id: 'azure_devops',
  title: 'Azure DevOps',
  config: AzureDevopsConfig,
  credentials: AzureDevopsCredentials,
  connect: trusting(connect),
  webhook: azureDevopsWebhook,
};
