import { z } from 'zod';
import { Token, WebUrl } from '../shared/settings.ts';
import { Authorities, ClientCertificate } from '../shared/tls.ts';

const SERVICES = 'https://dev.azure.com';
const FORM =
  'must be https://dev.azure.com, or https://HOST/tfs (without the collection) of your own Azure DevOps Server, with organization and project named beside it';

/** The public service; everything else is an Azure DevOps Server. */
export function isServices(url: URL): boolean {
  return url.hostname === 'dev.azure.com';
}

interface Place {
  baseUrl: string;
  organization: string;
  project: string;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** The steps of an address up to its first page (`_apis`, `_workitems`, ...). */
function stepsOf(url: URL): string[] {
  const steps = url.pathname.split('/').filter((step) => step !== '');
  const page = steps.findIndex((step) => step.startsWith('_'));
  return (page < 0 ? steps : steps.slice(0, page)).map(decoded);
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}

/** The organization of `https://{organization}.visualstudio.com`, the address of the service before 2018. */
function oldOrganization(url: URL): string | undefined {
  return /^([^.]+)\.visualstudio\.com$/i.exec(url.hostname)?.[1];
}

/**
 * The address below which the organization or collection lies, for an address as people paste it; undefined = it is
 * one of something else. https://learn.microsoft.com/azure/devops/release-notes/2018/sep-10-azure-devops-launch
 */
function baseOf({ baseUrl, organization, project }: Place): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null) return undefined;
  const steps = stepsOf(url);
  const old = oldOrganization(url);
  if (old !== undefined) {
    if (same(steps[0], 'DefaultCollection')) steps.shift();
    const isOurs = steps.length === 0 || (steps.length === 1 && same(steps[0], project));
    return same(old, organization) && isOurs ? SERVICES : undefined;
  }
  if (same(steps.at(-1), project) && same(steps.at(-2), organization)) steps.pop();
  if (same(steps.at(-1), organization)) steps.pop();
  if (isServices(url)) return steps.length === 0 ? SERVICES : undefined;
  return steps.length > 1 ? undefined : [url.origin, ...steps.map(encodeURIComponent)].join('/');
}

/** A name that is one step of a path: not `.` or `..`, and without the signs that Azure DevOps forbids. */
function nameOf(what: string) {
  return z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^(?!\.{1,2}$)[^/\\:*?"<>|#%&{}+;=@[\]\r\n]+$/, `must be the name of ${what}, without a path`);
}

/** As people see it, `Payments\\Web`; a slash does as well, which no name of a node may have. */
const NodePath = z
  .string()
  .trim()
  .min(1)
  .max(4000)
  .regex(/^[^:*?"<>|#%&{}+;=\r\n]+$/, 'must be the path of a node of the project, such as Payments\\Web')
  .overwrite((path) => path.replace(/[\\/]+/g, '\\').replace(/^\\|\\$/g, ''));

/** What `mapping.severity.priorities` names values of; `both`: `2, 2 - High`. */
const SeverityField = z.enum(['priority', 'severity', 'both']);
export type SeverityField = z.infer<typeof SeverityField>;

export const AzureDevopsConfig = z
  .strictObject({
    baseUrl: WebUrl,
    organization: nameOf('the organization (on a Server: the collection)'),
    project: nameOf('the project, or its id'),
    workItemType: z
      .string()
      .trim()
      .min(1)
      .max(128)
      .regex(/^[^/\\\r\n]+$/, 'must be the name of a type of work items, such as Issue or User Story'),
    areaPath: NodePath.optional(),
    iterationPath: NodePath.optional(),
    severityField: SeverityField.optional(),
    webhookUrl: WebUrl.optional(),
    ca: Authorities,
  })
  .refine((config) => baseOf(config) !== undefined, { path: ['baseUrl'], message: FORM })
  .overwrite((config) => ({ ...config, baseUrl: baseOf(config) ?? config.baseUrl }));

/** An application of Entra ID with access to the organization; `accessToken` and `expiresAt` are added by a renewal. */
const ServicePrincipal = z.strictObject({
  type: z.literal('service_principal'),
  tenantId: z
    .string()
    .trim()
    .max(253)
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be the id or domain of the Entra ID tenant'),
  clientId: Token,
  clientSecret: Token,
  accessToken: Token.exactOptional(),
  expiresAt: z.iso.datetime().exactOptional(),
  clientCertificate: ClientCertificate,
});
export type ServicePrincipal = z.infer<typeof ServicePrincipal>;

export const AzureDevopsCredentials = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('token'), token: Token, clientCertificate: ClientCertificate }),
  ServicePrincipal,
]);
export type AzureDevopsCredentials = z.infer<typeof AzureDevopsCredentials>;
