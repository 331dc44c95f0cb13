import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Page } from '../ports/repositories.ts';

/** The query of every listing. */
export const paging = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: 'At most so many items, 1 to 200.' }),
  cursor: z
    .string()
    .min(1)
    .max(2000)
    .exactOptional()
    .meta({ description: '`nextCursor` of the page before; opaque.' }),
};

/** A page of a listing; the last one has no `nextCursor`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item).readonly(), nextCursor: z.string().optional() });
}

/** Tell the address of the next page in `Link`, and answer the page. */
export function linkNext<T extends Page<unknown>>(request: FastifyRequest, reply: FastifyReply, page: T): T {
  if (page.nextCursor === undefined) return page;
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', page.nextCursor);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  return page;
}
