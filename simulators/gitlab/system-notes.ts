import type { Account, Issue, State } from './state.ts';
import { newId, stamp } from './state.ts';

/** A note that GitLab itself leaves under an issue. Hooks do not hear of it. */
export function addSystemNote(state: State, issue: Issue, author: Account, body: string): void {
  const at = stamp(state);
  issue.notes.push({
    id: newId(state),
    author,
    body,
    createdAt: at,
    updatedAt: at,
    system: true,
    internal: issue.confidential,
  });
}
