import type { JournalEntry } from '../domain/event.ts';
import type { Caller } from './use-cases.ts';

/** Who did it and in which request, for the journal. */
export function signedBy({ actor, requestId }: Caller): Pick<JournalEntry, 'actor' | 'requestId'> {
  return { actor, ...(requestId === undefined ? {} : { requestId }) };
}
