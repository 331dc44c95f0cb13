import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { TrackerError } from '../../src/domain/errors.ts';
import type { TrackerRequest } from '../../src/ports/tracker.ts';
import { CONTEXT, never, serve, type connectionTo, type transportFor } from './world.ts';

export const GET: TrackerRequest = { method: 'GET', path: '/' };
export const CREATE: TrackerRequest = { method: 'POST', path: '/', createsContent: true };
const OCTOCAT = { ...CONTEXT, account: 'octocat' };
export type Replica = Pick<ReturnType<typeof transportFor>, 'transport'>;
type Connection = ReturnType<typeof connectionTo>;

/** `ok`, or why not. */
export async function ask(
  replica: Replica,
  connection: Connection,
  request = GET,
  context: typeof CONTEXT & { account?: string } = OCTOCAT,
) {
  try {
    const { status } = await replica.transport.open(connection, context).send(request, never);
    return status === 200 ? 'ok' : String(status);
  } catch (error) {
    assert.ok(error instanceof TrackerError, String(error));
    return error.code;
  }
}

export function many(times: number, replica: Replica, connection: Connection, request = GET) {
  return Array.from({ length: times }, () => ask(replica, connection, request));
}

/** How often each outcome came. */
export function counted(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of outcomes) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}

export function fine() {
  return serve((_request, response) => response.end('{}'));
}

/** Fails until it is healed; then answers are held back until `release`. */
export async function ailing() {
  const held: ServerResponse[] = [];
  let isHealthy = false;
  const server = await serve((_request, response) => {
    if (isHealthy) held.push(response);
    else response.writeHead(500).end('{}');
  });
  return {
    ...server,
    held,
    heal: () => void (isHealthy = true),
    fall: () => void (isHealthy = false),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
