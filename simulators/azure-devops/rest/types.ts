import { needProject } from '../access.ts';
import { list, noSuchField, ok } from '../answers.ts';
import { textOf, typeOf } from '../draft.ts';
import { findField } from '../fields.ts';
import { RELATION_TYPES } from '../relations.ts';
import type { ApiRequest } from '../request.ts';
import { listOf, param, queryOf } from '../request.ts';
import type { Field, FieldUse, Node, Project, WorkItemType } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const SCOPE = 'vso.work';

export const typeRoutes: readonly Route[] = [
  route('GET wit/workitemtypes', SCOPE, (request) => {
    const project = needProject(request);
    return list(project.types.map((type) => typeShape(request, project, type)));
  }),
  route('GET wit/workitemtypes/:type', SCOPE, (request) => {
    const project = needProject(request);
    return ok(typeShape(request, project, typeOf(project, param(request, 'type'))));
  }),
  route('GET wit/workitemtypes/:type/states', SCOPE, (request) =>
    list(typeOf(needProject(request), param(request, 'type')).states),
  ),
  route('GET wit/workitemtypes/:type/fields', SCOPE, (request) => {
    const project = needProject(request);
    const type = typeOf(project, param(request, 'type'));
    const values = ['allowedvalues', 'all'].includes(queryOf(request, '$expand')?.toLowerCase() ?? '');
    return list([...type.fields.values()].map((use) => useShape(request, project, use, values)));
  }),
  route('GET wit/fields', SCOPE, (request) =>
    list([...request.organization.fields.values()].map((field) => fieldShape(request, field))),
  ),
  route('GET wit/fields/:field', SCOPE, (request) => {
    const field = findField(request.organization.fields, param(request, 'field'));
    if (field === undefined) throw noSuchField(param(request, 'field'));
    return ok(fieldShape(request, field));
  }),
  route('GET wit/tags', SCOPE, (request) => {
    const { organization, root } = request;
    const project = needProject(request);
    return list(
      [...organization.tags.values()].map(({ id, name }) => ({
        id,
        name,
        url: `${root}/${project.id}/_apis/wit/tags/${id}`,
      })),
    );
  }),
  route('GET wit/classificationnodes', SCOPE, (request) => {
    const project = needProject(request);
    const depth = Number(queryOf(request, '$depth') ?? 0);
    return list([
      nodeShape(request, project, 'area', project.areas[0], depth),
      nodeShape(request, project, 'iteration', project.iterations[0], depth),
    ]);
  }),
  route('GET wit/workitemrelationtypes', SCOPE, (request) =>
    list(
      RELATION_TYPES.map(({ referenceName, name, usage, opposite }) => ({
        referenceName,
        name,
        url: `${request.root}/_apis/wit/workItemRelationTypes/${referenceName}`,
        attributes: {
          usage,
          enabled: true,
          editable: usage === 'workItemLink',
          ...(opposite === undefined ? {} : { oppositeEndReferenceName: opposite }),
        },
      })),
    ),
  ),
  route('GET wit/workitemtransitions', SCOPE, (request) => {
    const ids = listOf(request, 'ids')?.map(Number) ?? [];
    return list(
      ids.map((id) => {
        const item = request.organization.items.get(id);
        if (item === undefined)
          return { id, errorCode: 'TF401232', message: `Work item ${id} does not exist.` };
        const type = typeOf(item.project, textOf(item.fields, 'System.WorkItemType'));
        const done = type.states.find(({ category }) => category === 'Completed');
        return { id, stateOnTransition: done?.name ?? '' };
      }),
    );
  }),
];

function typeShape(request: ApiRequest, project: Project, type: WorkItemType): Record<string, unknown> {
  const url = `${request.root}/${project.id}/_apis/wit/workItemTypes/${encodeURIComponent(type.name)}`;
  const names = type.states.map(({ name }) => name);
  const moves = names.map((from) => [
    from,
    names
      .filter(
        (to) => from !== to && (type.transitions?.[from]?.includes(to) ?? type.transitions === undefined),
      )
      .map((to) => ({ to })),
  ]);
  const uses = [...type.fields.values()].map((use) => useShape(request, project, use, false));
  return {
    name: type.name,
    referenceName: type.referenceName,
    description: `${type.name} of the process ${project.process}`,
    color: type.color,
    icon: {
      id: 'icon_list',
      url: `${request.root}/_apis/wit/workItemIcons/icon_list?color=${type.color}&v=2`,
    },
    isDisabled: false,
    xmlForm: '',
    fields: uses,
    fieldInstances: uses,
    transitions: Object.fromEntries([['', [{ to: names[0] }]], ...moves]),
    states: type.states,
    url,
  };
}

function useShape(
  request: ApiRequest,
  { organization }: Project,
  use: FieldUse,
  values: boolean,
): Record<string, unknown> {
  const { referenceName, required, allowedValues, defaultValue } = use;
  const field = findField(organization.fields, referenceName);
  return {
    ...(defaultValue === undefined ? {} : { defaultValue: String(defaultValue) }),
    ...(values ? { allowedValues: (allowedValues ?? []).map(String) } : {}),
    helpText: '',
    alwaysRequired: required,
    dependentFields: [],
    referenceName,
    name: field?.name ?? referenceName,
    url: `${request.root}/_apis/wit/fields/${referenceName}`,
  };
}

function fieldShape(request: ApiRequest, field: Field): Record<string, unknown> {
  const { referenceName, name, type, isIdentity, readOnly } = field;
  return {
    name,
    referenceName,
    type,
    usage: 'workItem',
    readOnly,
    canSortBy: true,
    isQueryable: true,
    supportedOperations: [{ referenceName: 'SupportedOperations.Equals', name: '=' }],
    isIdentity,
    isPicklist: false,
    isPicklistSuggested: false,
    url: `${request.root}/_apis/wit/fields/${referenceName}`,
  };
}

function nodeShape(
  request: ApiRequest,
  project: Project,
  structureType: 'area' | 'iteration',
  node: Node | undefined,
  depth: number,
): Record<string, unknown> {
  if (node === undefined) return {};
  const all = structureType === 'area' ? project.areas : project.iterations;
  const children = all.filter(
    ({ path }) => path.startsWith(`${node.path}\\`) && !path.slice(node.path.length + 1).includes('\\'),
  );
  const [root = '', ...rest] = node.path.split('\\');
  const kind = structureType === 'area' ? 'Areas' : 'Iterations';
  return {
    id: node.id,
    identifier: node.identifier,
    name: rest.at(-1) ?? root,
    structureType,
    hasChildren: children.length > 0,
    ...(depth > 0 && children.length > 0
      ? { children: children.map((child) => nodeShape(request, project, structureType, child, depth - 1)) }
      : {}),
    path: `\\${[root, structureType === 'area' ? 'Area' : 'Iteration', ...rest].join('\\')}`,
    url: `${request.root}/${project.id}/_apis/wit/classificationNodes/${[kind, ...rest].join('/')}`,
  };
}
