import { messageOf } from '../domain/errors.ts';

/** The SQLSTATE or Node error code of anything that was thrown, looking through its causes. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0]);
  return codeOf(thrown.cause);
}

/** Two transactions met: nothing of this one was kept, and a repeat may succeed. */
export function isCollision(thrown: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(thrown));
}

export function isDoubled(thrown: unknown): boolean {
  return codeOf(thrown) === '23505';
}

/** Another row refers to it. */
export function isReferred(thrown: unknown): boolean {
  return codeOf(thrown) === '23503';
}

/** A lock was waited for as long as the session allows. */
export function isLockTimeout(thrown: unknown): boolean {
  return codeOf(thrown) === '55P03';
}

const LOST =
  /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** What pg says without a code. */
const LOST_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** No connection, or it broke: what a restart or a network fault of the database looks like. */
export function isLost(thrown: unknown): boolean {
  return LOST.test(codeOf(thrown)) || LOST_WORDS.test(messageOf(thrown));
}

/** All connections are in use, or none could be made, for as long as we wait: a repeat would only wait once more. */
export function isExhausted(thrown: unknown): boolean {
  return messageOf(thrown).includes('timeout exceeded when trying to connect');
}

/** Read-only, out of disk or memory, a statement that took too long: nothing of the transaction was kept. */
const REFUSING = /^(25006|53[124]00|57014|55P03)$/;

/** It answers, but cannot take this now; what helps is time, or whoever runs the server. */
export function isRefusing(thrown: unknown): boolean {
  return REFUSING.test(codeOf(thrown));
}
