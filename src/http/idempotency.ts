import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { Log } from '../ports/clock.ts';
import type { IdempotencyCases } from '../sync/use-cases.ts';

const KEPT_HEADERS = ['content-type', 'location', 'etag'] as const;
/** A repeat may end otherwise: the key is free again. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 429]);

/** Honour `Idempotency-Key` on every POST of this scope: the same key and request get the same answer once more. */
export function repeatSafely(app: FastifyInstance, keys: IdempotencyCases, log: Log): void {
  const begun = new WeakMap<FastifyRequest, string>();

  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined) return;
    const state = await keys.begin(request.caller, key, hashOf(request));
    if (state.kind === 'done') return repeat(reply, state.answer);
    if (state.kind === 'other')
      throw new AppError(
        'idempotency-key-reused',
        'This Idempotency-Key was sent with another request before.',
      );
    if (state.kind === 'busy')
      throw new AppError('idempotency-key-in-flight', 'The first request with this key has not ended yet.');
    begun.set(request, key);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const key = begun.get(request);
    if (key === undefined) return payload;
    begun.delete(request);
    const status = reply.statusCode;
    try {
      if (status >= 500 || PASSING.has(status)) await keys.forget(request.caller, key);
      else await keys.finish(request.caller, key, { status, body: textOf(payload), headers: kept(reply) });
    } catch (error) {
      log.warn({ requestId: request.id, error: String(error) }, 'idempotent answer not kept');
    }
    return payload;
  });
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method !== 'POST') return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError('invalid-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
}

/** Of who asked what; the validated body has a stable order of names. */
function hashOf(request: FastifyRequest): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([request.caller.actor, request.method, request.url]));
  hash.update(Buffer.isBuffer(request.body) ? request.body : JSON.stringify(request.body ?? null));
  return hash.digest('hex');
}

function repeat(
  reply: FastifyReply,
  answer: { status: number; body: string; headers: Readonly<Record<string, string>> },
): FastifyReply {
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .header('idempotent-replayed', 'true')
    .send(answer.body);
}

function kept(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name);
    if (value !== undefined) headers[name] = String(value);
  }
  return headers;
}

function textOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : '';
}
