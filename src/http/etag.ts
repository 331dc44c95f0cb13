import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';

/**
 * Say the version of what is answered. Its `ETag` is `"<version>.<hash of the body>"`: the version is what
 * `If-Match` guards, the hash makes it strong where an answer shows more than the versioned row.
 */
export function tag<T extends { version: number }>(reply: FastifyReply, resource: T): T {
  reply.header('etag', `"${resource.version}"`);
  return resource;
}

/** The version that `If-Match` asks for; undefined when any will do. Throws `stale-version` when none can match. */
export function expectedVersion(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^"(\d{1,15})(?:\.[A-Za-z0-9_-]+)?"$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new AppError(
    'stale-version',
    'If-Match must hold one ETag exactly as we gave it. Read the resource again and send its ETag.',
  );
}

/** Complete the `ETag` of tagged answers and turn a GET of what the caller has already into a 304. */
export function answerConditions(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const version = reply.getHeader('etag');
    if (typeof version !== 'string' || typeof payload !== 'string') return payload;
    const hash = createHash('sha256').update(payload).digest('base64url').slice(0, 16);
    const etag = `${version.slice(0, -1)}.${hash}"`;
    reply.header('etag', etag);
    const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
    if (request.method !== 'GET' || reply.statusCode !== 200) return payload;
    if (known === undefined || !(known.includes(etag) || known.includes('*'))) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}
