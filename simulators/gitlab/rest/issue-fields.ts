/** What GitLab checks in the body of an issue that is created or changed. */
import { invalid } from '../answers.ts';
import type { Edit } from '../issue-acts.ts';
import type { ApiRequest } from '../request.ts';
import { characters, choice, commaList, flag, numberList, text, whole } from '../request.ts';
import type { Account } from '../state.ts';

const TITLE_LIMIT = 255;
const DESCRIPTION_LIMIT = 1_048_576;

/** Title, description and state of the body, checked. */
export function wordsOf({ body }: ApiRequest): Pick<Edit, 'title' | 'description'> {
  const title = text(body, 'title');
  const description = text(body, 'description');
  if (title === null || title?.trim() === '') throw invalid('title', "can't be blank");
  if (title !== undefined && characters(title.trim()) > TITLE_LIMIT)
    throw invalid('title', `is too long (maximum is ${TITLE_LIMIT} characters)`);
  if (Buffer.byteLength(description ?? '') > DESCRIPTION_LIMIT)
    throw invalid('description', 'is too long. The maximum size is 1 MiB.');
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
}

/** The rest of the body: what only planners and up may change. */
export function metadataOf(request: ApiRequest): Omit<Edit, 'title' | 'description'> {
  const { body } = request;
  const assignees = assigneesOf(request);
  const labels = commaList(body, 'labels');
  const confidential = flag(body, 'confidential');
  const discussionLocked = flag(body, 'discussion_locked');
  const dueDate = dueDateOf(request);
  const weight = request.state.enterprise ? whole(body, 'weight') : undefined;
  const type = choice(text(body, 'issue_type'), 'issue_type', ['issue', 'incident', 'task'] as const);
  return {
    ...(assignees === undefined ? {} : { assignees }),
    ...(labels === undefined ? {} : { labels }),
    ...(confidential === undefined ? {} : { confidential }),
    ...(discussionLocked === undefined ? {} : { discussionLocked }),
    ...(dueDate === undefined ? {} : { dueDate }),
    ...(weight === undefined ? {} : { weight }),
    ...(type === undefined ? {} : { type }),
  };
}

/** The labels that the issue has afterwards; undefined: as before. */
export function labelsAfter({ body }: ApiRequest, before: readonly string[]): string[] | undefined {
  const all = commaList(body, 'labels');
  const added = commaList(body, 'add_labels');
  const removed = commaList(body, 'remove_labels');
  if (all === undefined && added === undefined && removed === undefined) return undefined;
  return [...(all ?? before), ...(added ?? [])].filter((name) => removed?.includes(name) !== true);
}

/** Unknown people are left out without a word; `0` and an empty list take everybody away. The free edition keeps one. */
function assigneesOf({ body, state }: ApiRequest): Account[] | undefined {
  const single = whole(body, 'assignee_id');
  const ids = numberList(body, 'assignee_ids') ?? (single === undefined ? undefined : [single ?? 0]);
  const found = ids?.flatMap((wanted) => {
    const account = [...state.accounts.values()].find(({ id }) => id === wanted);
    return account === undefined ? [] : [account];
  });
  return state.enterprise ? found : found?.slice(0, 1);
}

function dueDateOf({ body }: ApiRequest): string | null | undefined {
  const given = text(body, 'due_date');
  if (given === undefined) return undefined;
  return given !== null && /^\d{4}-\d{2}-\d{2}$/.test(given) ? given : null;
}
