import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { CheckItem, CheckName, TrackerResponse } from '../../ports/tracker.ts';

/** The answer, or the error in place of one: a connection test fails by its lines only. */
export async function answerOf(ask: () => Promise<TrackerResponse>): Promise<TrackerResponse | Error> {
  try {
    return await ask();
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** Every line in order; a check that could not run says so. */
export function completed(order: readonly CheckName[], items: readonly CheckItem[]): readonly CheckItem[] {
  return order.map(
    (name) =>
      items.find((item) => item.name === name) ?? {
        name,
        outcome: 'not-checked',
        detail: 'An earlier check failed.',
        remedy: 'Mend what failed and test again.',
      },
  );
}

export function checkTls({ protocol }: URL): CheckItem {
  const secure = protocol === 'https:';
  return {
    name: 'tls',
    outcome: secure ? 'ok' : 'warning',
    detail: secure
      ? 'The connection is encrypted.'
      : 'The address is plain http: the token crosses the network readable.',
    ...(secure ? {} : { remedy: 'Use the https address.' }),
  };
}

/** The line of a tracker from which no answer came. */
export function notReached(error: Error): CheckItem {
  const name = 'reachable';
  if (error instanceof TrackerError && error.code === 'tracker-rate-limited')
    return { name, outcome: 'warning', detail: error.message, remedy: 'Wait and test again.' };
  return {
    name,
    outcome: 'failed',
    detail: error.message,
    remedy: 'Check baseUrl, and that this host may be reached.',
  };
}
