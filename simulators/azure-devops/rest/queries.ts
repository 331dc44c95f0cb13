import { mayRead } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, ok, refuse } from '../answers.ts';
import type { ApiRequest } from '../request.ts';
import { bodyOf, flagOf, queryOf } from '../request.ts';
import { itemUrl } from '../shapes.ts';
import type { WorkItem } from '../state.ts';
import { evaluate, fieldOf } from '../wiql/evaluate.ts';
import { parseWiql } from '../wiql/parse.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

export const queryRoutes: readonly Route[] = [route('POST wit/wiql', 'vso.work', query)];

/** Ids only. Too many results are no shorter list but an error. */
function query(request: ApiRequest): Answer {
  const { query: text } = bodyOf(request);
  if (typeof text !== 'string' || text.trim() === '')
    throw invalidProperty('Value cannot be null. Parameter name: query');
  const { state, organization, project, caller, root, limits } = request;
  const asker = {
    organization,
    project,
    account: caller.account,
    now: state.now(),
    timePrecision: flagOf(request, 'timePrecision'),
  };
  const parsed = parseWiql(text);
  const columns = parsed.columns.map((name) => fieldOf(asker, name));
  const found = evaluate(parsed, visibleItems(request), asker);
  const top = Number(queryOf(request, '$top') ?? Number.POSITIVE_INFINITY);
  if (found.length > limits.query && top > limits.query)
    throw refuse(
      400,
      'QueryException',
      `VS402337: The number of work items returned exceeds the size limit of ${limits.query}. Change the query to return fewer items.`,
    );
  const shape = ({ referenceName, name }: { referenceName: string; name: string }): unknown => ({
    referenceName,
    name,
    url: `${root}/_apis/wit/fields/${referenceName}`,
  });
  return ok({
    queryType: 'flat',
    queryResultType: 'workItem',
    asOf: asker.now.toISOString(),
    columns: columns.map(shape),
    ...(parsed.orderBy.length === 0
      ? {}
      : {
          sortColumns: parsed.orderBy.map(({ field, descending }) => ({
            field: shape(fieldOf(asker, field)),
            descending,
          })),
        }),
    workItems: found
      .slice(0, top)
      .map((item) => ({ id: item.id, url: itemUrl(root, item.project, item.id) })),
  });
}

/** Work items of all projects: only a condition of the query narrows them to one. New ones may be late. */
function visibleItems(request: ApiRequest): WorkItem[] {
  const { organization, state, knobs } = request;
  const horizon = state.now().getTime() - knobs.listLagMs;
  return [...organization.items.values()].filter(
    ({ deleted, project, revisions }) =>
      deleted === undefined &&
      mayRead(request, project) &&
      new Date(revisions[0]?.at ?? 0).getTime() <= horizon,
  );
}
