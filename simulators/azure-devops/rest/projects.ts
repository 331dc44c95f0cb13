import { mayRead, projectNamed } from '../access.ts';
import { list, ok } from '../answers.ts';
import type { ApiRequest } from '../request.ts';
import { flagOf, listOf, param, queryOf } from '../request.ts';
import { collectionShape, identityShape, projectShape } from '../shapes.ts';
import type { Account, ProcessName, Project } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const SCOPE = 'vso.project';
const PREVIEW = { preview: true };

const PROCESSES: Readonly<Record<ProcessName, string>> = {
  Agile: 'adcc42ab-9882-485e-a3ed-7678f01f66bc',
  Basic: 'b8a3a935-7e91-48b8-a94c-606d37c3e9f2',
  CMMI: '27450541-8e31-4150-9947-dc59f998fc01',
  Scrum: '6b724908-ef14-45cf-84f8-768b5384da45',
};

export const projectRoutes: readonly Route[] = [
  route('GET connectiondata', undefined, connectionData, PREVIEW),
  route('GET projects', SCOPE, (request) => {
    const skip = Number(queryOf(request, '$skip') ?? queryOf(request, 'continuationToken') ?? 0);
    const top = Number(queryOf(request, '$top') ?? 100);
    const all = request.organization.projects.filter((project) => mayRead(request, project));
    const page = all.slice(skip, skip + top);
    const answer = list(page.map((project) => projectShape(request.root, project)));
    if (skip + top >= all.length) return answer;
    return { ...answer, headers: { 'x-ms-continuationtoken': String(skip + top) } };
  }),
  route('GET projects/:project', SCOPE, (request) => {
    const project = projectNamed(request, param(request, 'project'));
    const shape = projectShape(request.root, project);
    return ok({
      ...shape,
      ...(flagOf(request, 'includeCapabilities') ? { capabilities: capabilitiesOf(project) } : {}),
      _links: {
        self: { href: shape['url'] },
        collection: { href: collectionShape(request.root, request.organization)['url'] },
        web: { href: `${request.root}/${encodeURIComponent(project.name)}` },
      },
      defaultTeam: teamShape(request, project),
    });
  }),
  route(
    'GET projects/:project/properties',
    SCOPE,
    (request) => {
      const project = projectNamed(request, param(request, 'project'));
      const keys = listOf(request, 'keys');
      const properties = [
        { name: 'System.CurrentProcessTemplateId', value: PROCESSES[project.process] },
        { name: 'System.Process Template', value: project.process },
      ];
      return list(properties.filter(({ name }) => keys === undefined || keys.includes(name)));
    },
    PREVIEW,
  ),
  route('GET projects/:project/teams', SCOPE, (request) =>
    list([teamShape(request, projectNamed(request, param(request, 'project')))]),
  ),
  route('GET process/processes', SCOPE, (request) =>
    list(
      Object.entries(PROCESSES).map(([name, id]) => ({
        id,
        name,
        description: '',
        isDefault: name === 'Agile',
        type: 'system',
        url: `${request.root}/_apis/process/processes/${id}`,
      })),
    ),
  ),
];

/** Who the caller is, and where: asked by every client before anything else. */
function connectionData(request: ApiRequest): ReturnType<typeof ok> {
  const { caller, organization, root } = request;
  const identity = identityOf(caller.account);
  return ok({
    authenticatedUser: identity,
    authorizedUser: identity,
    instanceId: organization.id,
    deploymentId: organization.id,
    deploymentType: organization.kind === 'services' ? 'hosted' : 'onPremises',
    locationServiceData: {
      serviceOwner: '00025394-6065-48ca-87d9-7f5672854ef7',
      defaultAccessMappingMoniker: 'PublicAccessMapping',
      lastChangeId: 1,
      lastChangeId64: 1,
      accessPoint: root,
    },
  });
}

function identityOf(account: Account): Record<string, unknown> {
  return {
    id: account.id,
    descriptor: `Microsoft.IdentityModel.Claims.ClaimsIdentity;${account.uniqueName}`,
    subjectDescriptor: account.descriptor,
    providerDisplayName: account.name,
    isActive: true,
    properties: { Account: { $type: 'System.String', $value: account.uniqueName } },
    resourceVersion: 2,
    metaTypeId: 0,
  };
}

function capabilitiesOf({ process }: Project): Record<string, unknown> {
  return {
    processTemplate: { templateName: process, templateTypeId: PROCESSES[process] },
    versioncontrol: { sourceControlType: 'Git', gitEnabled: 'True', tfvcEnabled: 'False' },
  };
}

function teamShape({ root }: ApiRequest, project: Project): Record<string, unknown> {
  return {
    id: project.id,
    name: `${project.name} Team`,
    url: `${root}/_apis/projects/${project.id}/teams/${project.id}`,
  };
}

/** `_apis/profile/profiles/me`, on a host of its own in the Services. */
export function profileOf(root: string, account: Account, at: string): Record<string, unknown> {
  return {
    displayName: account.name,
    publicAlias: account.id,
    emailAddress: account.uniqueName,
    coreRevision: 1,
    timeStamp: at,
    id: account.id,
    revision: 1,
    _links: { avatar: { href: identityShape(root, account)['imageUrl'] } },
  };
}
