import { randomUUID } from 'node:crypto';
import { fc } from '../../properties.ts';
import type { House } from '../service.ts';
import { OPERATIONS, SPEC } from './operations.ts';
import { requestsTo, type FuzzRequest } from './requests.ts';
import { newTenant, type Tenant } from './tenant.ts';

export interface FuzzReport {
  sent: number;
  /** How many answers by their hundred: 2xx, 4xx, … */
  answers: ReadonlyMap<string, number>;
  /** What is wrong, once for each kind of it, with the first request that showed it. */
  faults: ReadonlyMap<string, string>;
}

/** An answer without end; it has tests of its own. */
const ENDLESS = 'streamEvents';
const PER_TENANT = 500;

/** Sends so many requests to every operation in turn, and holds each answer against the description. */
export async function fuzz(
  house: House,
  count: number,
  seed: number,
  after?: (sent: number) => void,
): Promise<FuzzReport> {
  const answers = new Map<string, number>();
  const faults = new Map<string, string>();
  const request = fc.oneof(
    ...OPERATIONS.filter(({ operationId }) => operationId !== ENDLESS).map(requestsTo),
  );
  let sent = 0;
  while (sent < count) {
    const tenant = await newTenant(house);
    for (const each of fc.sample(request, {
      numRuns: Math.min(PER_TENANT, count - sent),
      seed: seed + sent,
    })) {
      const url = urlOf(each, tenant);
      const answer = await house.service.app.inject({
        method: each.method,
        url,
        headers: { ...tenant.headers, ...each.headers },
        ...(each.body === undefined ? {} : { payload: each.body }),
      });
      sent += 1;
      const hundred = `${Math.floor(answer.statusCode / 100)}xx`;
      answers.set(hundred, (answers.get(hundred) ?? 0) + 1);
      const type = answer.headers['content-type'] ?? '';
      for (const fault of faultsOf(each, answer.statusCode, type, answer.body)) {
        const name = `${each.operation.operationId} ${answer.statusCode} ${fault}`;
        if (!faults.has(name)) faults.set(name, `${each.method} ${url} ${each.body ?? ''} -> ${answer.body}`);
      }
    }
    after?.(sent);
  }
  return { sent, answers, faults };
}

function urlOf({ operation, path, query, turn }: FuzzRequest, tenant: Tenant): string {
  const word = /^\/(?:api|webhooks)\/([^/]+)\//.exec(operation.path)?.[1] ?? '';
  const known = tenant.ids.get(word === '{provider}' || word === '' ? 'integrations' : word) ?? [];
  const id = known.length === 0 ? randomUUID() : (known[turn % known.length] ?? randomUUID());
  const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? id);
  return query === '' ? filled : `${filled}?${query}`;
}

function faultsOf({ operation, method }: FuzzRequest, status: number, type: string, body: string): string[] {
  if (status >= 500) return [`is a failure: ${/"code":"[\w-]+"/.exec(body)?.[0] ?? body.slice(0, 200)}`];
  const isAsDescribed = method === operation.method;
  const said = operation.responses[String(status)] === undefined ? 'default' : String(status);
  const described = isAsDescribed ? operation.responses[said] : operation.responses['default'];
  if (status === 304 || status === 204 || method === 'HEAD' || method === 'OPTIONS') return [];
  if (!isAsDescribed && status < 400) return [];
  if (status < 400 && said === 'default') return ['is not described'];
  const [media = ''] = type.split(';');
  if (described?.content?.[media] === undefined) return [`is of the type "${media}", which is not described`];
  if (!media.endsWith('json')) return [];
  const value: unknown = JSON.parse(body);
  const place = isAsDescribed ? said : 'default';
  return SPEC.complaints([...operation.place, 'responses', place, 'content', media, 'schema'], value);
}
