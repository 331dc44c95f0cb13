import { z } from 'zod';

const PATIENCE_MS = 30_000;
const PAGE = 200;

/** The API of the service for one tenant; nobody may be there. */
export interface Api {
  /** The status and the answer; undefined = no answer, so whether it was done is not known. */
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown } | undefined>;
  /** Throws unless it is answered as asked for. */
  read<T>(path: string, answer: z.ZodType<T>): Promise<T>;
  /** Every item of a listing, over all its pages. */
  all<T>(path: string, item: z.ZodType<T>): Promise<T[]>;
}

/** `url` is asked before each request: replicas come and go. */
export function newApi(url: () => string, token: string): Api {
  const api: Api = {
    async ask(method, path, body) {
      try {
        const answer = await fetch(`${url()}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        return { status: answer.status, json: await answer.json() };
      } catch {
        return undefined;
      }
    },
    async read(path, answer) {
      const told = await api.ask('GET', path);
      if (told?.status === 200) return answer.parse(told.json);
      throw new Error(`GET ${path}: ${told === undefined ? 'no answer' : JSON.stringify(told)}`);
    },
    async all(path, item) {
      const page = z.object({ items: z.array(item), nextCursor: z.string().optional() });
      const items = [];
      for (let cursor: string | undefined; ;) {
        const query = `limit=${PAGE}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const got = await api.read(`${path}${path.includes('?') ? '&' : '?'}${query}`, page);
        items.push(...got.items);
        if (got.nextCursor === undefined) return items;
        cursor = got.nextCursor;
      }
    },
  };
  return api;
}

export const Made = z.object({ id: z.string() });

export const Link = z.object({
  id: z.string(),
  threatId: z.string(),
  state: z.string(),
  issue: z.object({ key: z.string() }).optional(),
  fields: z.record(z.string(), z.object({ kind: z.string() })),
});
export type Link = z.infer<typeof Link>;

export const Threat = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  status: z.string(),
});

export const Detail = z.object({ comments: z.array(z.object({ text: z.string() })) });

export const Delivery = z.object({ deliveryId: z.string(), verdict: z.string() });

export const Status = z.object({
  health: z.string(),
  state: z.string(),
  summary: z.string(),
  counts: z.object({ pending: z.number(), failed: z.number() }),
  lastRun: z.object({ state: z.string() }).optional(),
});

export const Run = z.object({ id: z.string(), state: z.string() });
