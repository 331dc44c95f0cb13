import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, list, refuse } from '../answers.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { isFields } from '../request.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const LIMIT = 200;

/** Many saves in one request, each with its own result: https://learn.microsoft.com/azure/devops/integrate/previous-apis/wit/batch */
export const batchRoutes: readonly Route[] = [route('PATCH wit/$batch', 'vso.work_write', batch)];

function batch(request: ApiRequest): Answer {
  const { body } = request;
  if (!Array.isArray(body) || body.length === 0)
    throw invalidProperty('Value cannot be null. Parameter name: requests');
  if (body.length > LIMIT)
    throw refuse(
      400,
      'WorkItemsBatchLimitExceededException',
      `VS402642: The number of requests in the batch, ${body.length}, exceeds the limit of ${LIMIT}.`,
    );
  const born = new Map<number, number>();
  return list(body.map((each: unknown) => answered(request, born, each)));
}

function answered(request: ApiRequest, born: Map<number, number>, part: unknown): Fields {
  if (!isFields(part) || typeof part['uri'] !== 'string' || String(part['method']).toUpperCase() !== 'PATCH')
    throw invalidProperty('Every request of a batch needs the method PATCH and a uri.');
  const headers = isFields(part['headers']) ? part['headers'] : {};
  const { status, json } = request.again('PATCH', part['uri'], headers, withIds(part['body'], born));
  const id = placeholderOf(part['body']);
  if (status === 200 && id !== undefined && isFields(json) && typeof json['id'] === 'number')
    born.set(id, json['id']);
  return {
    code: status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(json),
  };
}

/** The negative number under which later requests of the batch know this new work item. */
function placeholderOf(document: unknown): number | undefined {
  if (!Array.isArray(document)) return undefined;
  const operation: unknown = document.find((each: unknown) => isFields(each) && each['path'] === '/id');
  const value = isFields(operation) ? Number(operation['value']) : Number.NaN;
  return value < 0 ? value : undefined;
}

/** Links to new work items of this batch, with the ids that these have got. */
function withIds(document: unknown, born: ReadonlyMap<number, number>): unknown {
  if (!Array.isArray(document)) return document;
  return document.map((operation: unknown): unknown => {
    const value = isFields(operation) ? operation['value'] : undefined;
    if (!isFields(operation) || !isFields(value) || typeof value['url'] !== 'string') return operation;
    const url = value['url'].replace(/-\d+$/, (id) => String(born.get(Number(id)) ?? id));
    return { ...operation, value: { ...value, url } };
  });
}
