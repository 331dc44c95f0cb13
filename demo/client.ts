import { z } from 'zod';

/** The few words of the API that the demo speaks. Throws what the problem document says. */
export interface ApiClient {
  get<T>(path: string, answer: z.ZodType<T>): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown, answer: z.ZodType<T>): Promise<T>;
  importFile<T>(path: string, bytes: Uint8Array<ArrayBuffer>, answer: z.ZodType<T>): Promise<T>;
  text(path: string): Promise<string>;
}

const Problem = z.object({ code: z.string(), detail: z.string() });

export function apiClient(url: string, token: string): ApiClient {
  async function ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    headers.set('prefer', 'wait=60');
    const answer = await fetch(`${url}${path}`, { ...init, headers });
    if (answer.ok) return answer;
    const problem = Problem.safeParse(await answer.json());
    const why = problem.success ? `${problem.data.code}: ${problem.data.detail}` : `status ${answer.status}`;
    throw new Error(`${init.method ?? 'GET'} ${path}: ${why}`);
  }
  return {
    get: async (path, answer) => answer.parse(await (await ask(path, {})).json()),
    async send(method, path, body, answer) {
      const init = { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return answer.parse(await (await ask(path, init)).json());
    },
    async importFile(path, bytes, answer) {
      const init = { method: 'POST', body: bytes, headers: { 'content-type': 'application/json' } };
      return answer.parse(await (await ask(path, init)).json());
    },
    text: async (path) => (await ask(path, {})).text(),
  };
}

export const Run = z.object({
  id: z.string(),
  state: z.string(),
  calls: z.number(),
  counts: z.record(z.string(), z.number()),
  error: z.object({ message: z.string() }).optional(),
  waiting: z.string().optional(),
});

export const Plan = z.object({
  id: z.string(),
  counts: z.object({ create: z.number(), update: z.number(), skip: z.number(), unchanged: z.number() }),
  estimatedCalls: z.number(),
  items: z.array(
    z.object({
      action: z.string(),
      title: z.string(),
      skip: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
});

export const Imported = z.object({
  model: z.object({ id: z.string(), name: z.string() }),
  detected: z.string(),
  found: z.number(),
  new: z.array(z.string()),
  changed: z.array(z.string()),
});

export const Links = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      threatId: z.string(),
      state: z.string(),
      issue: z.object({ key: z.string(), url: z.string() }).optional(),
      fields: z.record(z.string(), z.object({ kind: z.string() })),
    }),
  ),
});

export const Detail = z.object({
  threat: z.object({ id: z.string(), title: z.string(), status: z.string() }),
  comments: z.array(z.object({ author: z.string(), text: z.string() })),
});

export const Conflicts = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      threatId: z.string(),
      field: z.string(),
      threat: z.string().nullable(),
      issue: z.string().nullable(),
    }),
  ),
});

export const Connected = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), outcome: z.string(), detail: z.string() })),
});
