import { mayRead } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, ok } from '../answers.ts';
import { textOf } from '../draft.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { flagOf, isFields, listOf, queryOf, textsOf } from '../request.ts';
import { itemShape } from '../shapes.ts';
import type { Revision } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';
import { choiceOf } from './views.ts';

export const reportingRoutes: readonly Route[] = [
  route('GET wit/reporting/workitemrevisions', 'vso.work', (request) =>
    report(request, {
      fields: listOf(request, 'fields'),
      types: listOf(request, 'types'),
      includeDeleted: flagOf(request, 'includeDeleted'),
      includeLatestOnly: flagOf(request, 'includeLatestOnly'),
      includeIdentityRef: flagOf(request, 'includeIdentityRef'),
    }),
  ),
  route('POST wit/reporting/workitemrevisions', 'vso.work', (request) => {
    const body: Fields = isFields(request.body) ? request.body : {};
    return report(request, {
      fields: textsOf(body['fields']),
      types: textsOf(body['types']),
      includeDeleted: body['includeDeleted'] === true,
      includeLatestOnly: body['includeLatestOnly'] === true,
      includeIdentityRef: body['includeIdentityRef'] === true,
    });
  }),
];

interface Filter {
  fields: readonly string[] | undefined;
  types: readonly string[] | undefined;
  includeDeleted: boolean;
  includeLatestOnly: boolean;
  includeIdentityRef: boolean;
}

/** The saves since the token or the time, in their order. The token of the last page is where the next reading begins. */
function report(request: ApiRequest, filter: Filter): Answer {
  const since = sinceOf(request);
  const size = pageSize(request);
  const { state, knobs, organization } = request;
  const horizon = state.now().getTime() - knobs.listLagMs;
  const settled = organization.log.filter(({ at }) => new Date(at).getTime() <= horizon);
  const fitting = settled.filter(
    (revision) => isSince(revision, since) && isWanted(request, filter, revision),
  );
  const page = fitting.slice(0, size);
  const isLastBatch = page.length === fitting.length;
  const reached = isLastBatch ? settled.at(-1)?.watermark : page.at(-1)?.watermark;
  const continuationToken = `${Math.max(reached ?? 0, since.watermark)};0`;
  const query = new URLSearchParams([...request.query].filter(([name]) => !REPLACED.has(name.toLowerCase())));
  query.set('continuationToken', continuationToken);
  const scope = request.project === undefined ? '' : `/${request.project.id}`;
  return ok({
    values: page.map((revision) => revisionShape(request, filter, revision)),
    nextLink: `${request.root}${scope}/_apis/wit/reporting/workitemrevisions?${query.toString()}`,
    continuationToken,
    isLastBatch,
  });
}

const REPLACED = new Set(['continuationtoken', 'startdatetime']);

interface Since {
  watermark: number;
  at: number;
}

function sinceOf(request: ApiRequest): Since {
  const token = queryOf(request, 'continuationToken');
  const start = queryOf(request, 'startDateTime');
  if (token !== undefined && token !== '') {
    const watermark = Number(/^(\d+);\d+$/.exec(token)?.[1] ?? Number.NaN);
    if (Number.isNaN(watermark)) throw invalidProperty(`The continuation token ${token} is invalid.`);
    return { watermark, at: 0 };
  }
  if (start === undefined || start === '') return { watermark: 0, at: 0 };
  const at = new Date(start).getTime();
  if (Number.isNaN(at)) throw invalidProperty(`The value '${start}' is not valid for DateTime.`);
  return { watermark: 0, at };
}

function pageSize(request: ApiRequest): number {
  const asked = Number(queryOf(request, '$maxPageSize') ?? request.limits.page);
  if (!Number.isInteger(asked) || asked < 1) throw invalidProperty('$maxPageSize must be a positive number.');
  return Math.min(asked, request.limits.page);
}

function isSince({ watermark, at }: Revision, since: Since): boolean {
  return watermark > since.watermark && new Date(at).getTime() >= since.at;
}

function isWanted(request: ApiRequest, filter: Filter, revision: Revision): boolean {
  const { item, project, fields } = revision;
  if (!mayRead(request, project) || (request.project !== undefined && request.project !== project))
    return false;
  if (item.deleted !== undefined && !filter.includeDeleted) return false;
  if (filter.includeLatestOnly && item.revisions.at(-1) !== revision) return false;
  return filter.types === undefined || filter.types.includes(textOf(fields, 'System.WorkItemType'));
}

function revisionShape(request: ApiRequest, filter: Filter, revision: Revision): Fields {
  const { item, rev, project, fields, formats } = revision;
  const expand = queryOf(request, '$expand') ?? 'none';
  const isExpanded = choiceOf('$expand', ['none', 'fields'], expand) === 'fields';
  const shape = itemShape(
    request.root,
    { id: item.id, rev, project, fields, formats, relations: [] },
    {
      ...(filter.fields === undefined ? {} : { fields: [...filter.fields, 'System.IsDeleted'] }),
      relations: false,
      links: false,
      formats: false,
      plainPeople: !filter.includeIdentityRef,
      withoutLongTexts: !isExpanded,
    },
  );
  return { id: shape['id'], rev: shape['rev'], fields: shape['fields'] };
}
