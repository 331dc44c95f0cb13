import type { Answer } from '../../shared/answers.ts';
import { canReadNote, issueOf, needIssues, noteOf } from '../access.ts';
import { mayManageIssues, reaches } from '../accounts.ts';
import { forbidden, invalid, refuse } from '../answers.ts';
import { deleteNote } from '../note-acts.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { actorOf, characters, choice, flag, requiredText, text } from '../request.ts';
import { noteShape } from '../shapes.ts';
import type { Issue, Note } from '../state.ts';
import { rewriteNote, writeNote } from '../writing.ts';
import { route } from './route.ts';

const NOTES = '/projects/:id/issues/:noteable_id/notes';
const NOTE = `${NOTES}/:note_id`;
const LIMIT = 1_000_000;

export const noteRoutes = [
  route(`GET ${NOTES}`, list, { forVisitors: true }),
  route(`POST ${NOTES}`, create),
  route(`GET ${NOTE}`, (request) => {
    const issue = issueOf(request, 'noteable_id');
    return shown(request, issue, noteOf(request, issue));
  }),
  route(`PUT ${NOTE}`, update),
  route(`DELETE ${NOTE}`, remove),
];

/** GitLab's own notes are among them. Newest first, unless asked otherwise. */
function list(request: ApiRequest): Answer {
  const { query, state } = request;
  const issue = issueOf(request, 'noteable_id');
  const order = choice(query.get('order_by'), 'order_by', ['created_at', 'updated_at']) ?? 'created_at';
  const sign = choice(query.get('sort'), 'sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const filter = choice(query.get('activity_filter'), 'activity_filter', [
    'all_notes',
    'only_comments',
    'only_activity',
  ]);
  const timeOf = (note: Note): string => (order === 'updated_at' ? note.updatedAt : note.createdAt);
  const found = issue.notes
    .filter(
      (note) =>
        canReadNote(request, issue, note) &&
        (filter === undefined || filter === 'all_notes' || note.system === (filter === 'only_activity')),
    )
    .toSorted((one, other) => sign * (timeOf(one).localeCompare(timeOf(other)) || one.id - other.id));
  return page(request, found, (note) => noteShape(state, issue, note));
}

/** 202 and no note when the text was nothing but quick actions. */
function create(request: ApiRequest): Answer {
  const { state, body } = request;
  const issue = issueOf(request, 'noteable_id');
  needIssues(request, issue.project);
  const words = bodyOf(request);
  request.spend('note');
  const createdAt = reaches(issue.project, request.caller.account, 'owner') ? text(body, 'created_at') : null;
  const internal = flag(body, 'internal') ?? flag(body, 'confidential') ?? false;
  const { note, actions } = writeNote(state, issue, actorOf(request), {
    body: words,
    internal: internal && mayManageIssues(issue.project, request.caller.account),
    ...(createdAt == null ? {} : { createdAt: new Date(createdAt).toISOString() }),
  });
  if (note !== undefined) return shown(request, issue, note, 201);
  const changes = Object.fromEntries(actions.map(({ name }) => [name, true]));
  const summary = actions.map(({ name }) => `Applied /${name}.`);
  return { status: 202, json: { commands_changes: changes, summary } };
}

function update(request: ApiRequest): Answer {
  const { issue, note } = own(request);
  rewriteNote(request.state, issue, note, actorOf(request), bodyOf(request));
  return shown(request, issue, note);
}

function remove(request: ApiRequest): Answer {
  const { issue, note } = own(request);
  deleteNote(request.state, issue, note);
  return { status: 204 };
}

/** A person's note, for its author or a maintainer. */
function own(request: ApiRequest): { issue: Issue; note: Note } {
  const issue = issueOf(request, 'noteable_id');
  const note = noteOf(request, issue);
  needIssues(request, issue.project);
  const isOwn = note.author === request.caller.account;
  if (note.system || (!isOwn && !reaches(issue.project, request.caller.account, 'maintainer')))
    throw forbidden();
  return { issue, note };
}

function bodyOf({ body }: ApiRequest): string {
  const words = requiredText(body, 'body');
  if (words.trim() === '') throw refuse(400, `400 Bad request - Note {:note=>["can't be blank"]}`);
  if (characters(words) > LIMIT) throw invalid('note', `is too long (maximum is ${LIMIT} characters)`);
  return words;
}

function shown(request: ApiRequest, issue: Issue, note: Note, status = 200): Answer {
  return { status, json: noteShape(request.state, issue, note) };
}
