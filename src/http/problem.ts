import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { RequestValidationError } from 'fastify-zod-openapi';
import { z } from 'zod';
import { AppError, TrackerError } from '../domain/errors.ts';
import type { ErrorCode, Fault } from '../domain/errors.ts';
import type { Clock, Log } from '../ports/clock.ts';
import { CODES } from './codes.ts';
import type { HttpMetrics } from './parts.ts';

/** RFC 9457: the body of every answer that is not a success. */
export const Problem = z
  .object({
    type: z.string().meta({ format: 'uri-reference', description: 'Address of the page of the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, why, and what to do.' }),
    code: z.string().meta({ description: 'Stable: switch on this, not on text.' }),
    requestId: z.string().meta({ description: 'The same as in `X-Request-Id` and in the log.' }),
    retryable: z.boolean().meta({ description: 'The same request may succeed later.' }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .readonly()
      .optional()
      .meta({ description: 'The places that are wrong: JSON pointers into the body, or a place in a file.' }),
  })
  .meta({
    id: 'Problem',
    description: 'What went wrong (RFC 9457).',
    examples: [
      {
        type: '/problems/not-found',
        title: CODES['not-found'].title,
        status: 404,
        detail: 'There is no integration 0f8fad5b-d9cb-469f-a165-70867728950e.',
        code: 'not-found',
        requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
        retryable: false,
      },
    ],
  });
type Problem = z.infer<typeof Problem>;

export const PROBLEM_TYPE = 'application/problem+json';

/** These say the same whatever was thrown: their messages could tell a stranger something. */
const FIXED: ReadonlySet<ErrorCode> = new Set(['internal', 'webhook-refused']);

function problem(code: ErrorCode, detail: string, requestId: string, faults: readonly Fault[]): Problem {
  const { title, status, remedy, retryable } = CODES[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: FIXED.has(code) ? `${title}. ${remedy}` : detail,
    code,
    requestId,
    retryable,
    ...(faults.length === 0 ? {} : { errors: faults }),
  };
}

interface Understood {
  code: ErrorCode;
  detail: string;
  faults: readonly Fault[];
}

/** The one handler of everything that is thrown while a request is answered. */
export function problemHandler(parts: { log: Log; metrics: HttpMetrics; clock: Clock }) {
  return function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const { code, detail, faults } = understand(error, request);
    const body = problem(code, detail, request.id, faults);
    parts.metrics.countError(code);
    if (body.status >= 500)
      parts.log.error({ requestId: request.id, code, thrown: traceOf(error) }, 'request failed');
    if (body.status === 401 && code === 'unauthenticated') reply.header('www-authenticate', 'Bearer');
    if (error instanceof TrackerError && error.resumeAt !== undefined)
      reply.header('retry-after', secondsUntil(error.resumeAt, parts.clock));
    else if (body.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', 5);
    return reply.header('x-request-id', request.id).code(body.status).type(PROBLEM_TYPE).send(body);
  };
}

function understand(error: unknown, request: FastifyRequest): Understood {
  if (error instanceof AppError) return { code: error.code, detail: error.message, faults: error.faults };
  if (!isFastifyError(error)) return { code: 'internal', detail: '', faults: [] };
  if (error.validation !== undefined) {
    const faults = error.validation.flatMap((each) =>
      each instanceof RequestValidationError ? faultsOf(each.params.issue, error.validationContext) : [],
    );
    return { code: 'invalid-request', detail: 'The request has mistakes: see `errors`.', faults };
  }
  return { ...understandFramework(error, request), faults: [] };
}

function understandFramework(error: FastifyError, request: FastifyRequest): Omit<Understood, 'faults'> {
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const limit = request.routeOptions.bodyLimit;
    return { code: 'too-large', detail: `The body may have at most ${limit} bytes.` };
  }
  if (status === 415)
    return { code: 'unsupported-media-type', detail: CODES['unsupported-media-type'].remedy };
  if (status === 503) return { code: 'unavailable', detail: 'The service is stopping. Try again shortly.' };
  if (status >= 500) return { code: 'internal', detail: '' };
  return { code: 'invalid-request', detail: `${error.message}.`.replace(/\.\.$/, '.') };
}

/** zod reports an unknown key at its parent: the pointer is built from `keys`. */
function faultsOf(issue: RequestValidationError['params']['issue'], context: string | undefined): Fault[] {
  const place = issue.path.map(String);
  const where = context === 'querystring' ? 'Query: ' : context === 'params' ? 'Path: ' : '';
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointer([...place, key]), detail: `${where}unknown name` }));
  return [{ pointer: pointer(place), detail: `${where}${issue.message}` }];
}

function pointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error;
}

/** Name, message and stack only: other properties of foreign errors may hold what was sent. */
function traceOf(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.stack } : {};
  return { name: error.name, message: error.message, stack: error.stack, ...cause };
}

function secondsUntil(at: string, clock: Clock): number {
  return Math.max(1, Math.ceil((Date.parse(at) - clock.now().getTime()) / 1000));
}
