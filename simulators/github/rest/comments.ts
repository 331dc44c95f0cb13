import { accountOf, issueOf, mayTriage, needIssues, repositoryOf } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalid, malformed, notFound, refuse } from '../answers.ts';
import { addComment, deleteComment, editComment, findComment } from '../comment-acts.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { param, text } from '../request.ts';
import { commentShape } from '../shapes.ts';
import type { Comment, Issue } from '../state.ts';
import { checkBody } from './issue-fields.ts';
import { sinceOf } from './issue-list.ts';
import { route } from './route.ts';

const ISSUE = '/repos/:owner/:repo/issues/:issue_number/comments';
const REPOSITORY = '/repos/:owner/:repo/issues/comments';

export const commentRoutes = [
  route(`GET ${ISSUE}`, listOfIssue),
  route(`POST ${ISSUE}`, create, true),
  route(`GET ${REPOSITORY}`, listOfRepository),
  route(`GET ${REPOSITORY}/:comment_id`, get),
  route(`PATCH ${REPOSITORY}/:comment_id`, update),
  route(`DELETE ${REPOSITORY}/:comment_id`, remove),
];

interface Found {
  issue: Issue;
  comment: Comment;
}

function listOfIssue(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'read');
  const since = sinceOf(request.query) ?? '';
  const found = issue.comments.filter((comment) => comment.updatedAt >= since);
  return page(request, found, (comment) => commentShape(request.state, issue, comment), issue.repository.id);
}

function create(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'write');
  const comment = addComment(request.state, issue, accountOf(request), words(request));
  const json = commentShape(request.state, issue, comment);
  return { status: 201, json, headers: { location: String(json['url']) } };
}

/** All comments of the repository, by id or, with `sort`, by time; ascending unless asked otherwise. */
function listOfRepository(request: ApiRequest): Answer {
  const { query, state } = request;
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  if (!repository.hasIssues) throw refuse(410, 'Issues are disabled for this repo');
  const since = sinceOf(query) ?? '';
  const found: Found[] = [...repository.issues.values()].flatMap((issue) =>
    issue.comments.filter((comment) => comment.updatedAt >= since).map((comment) => ({ issue, comment })),
  );
  const byUpdate = query.get('sort') === 'updated';
  const sign = query.get('sort') !== null && query.get('direction') === 'desc' ? -1 : 1;
  const timeOf = ({ comment }: Found): string => (byUpdate ? comment.updatedAt : comment.createdAt);
  found.sort(
    (one, other) => sign * (timeOf(one).localeCompare(timeOf(other)) || one.comment.id - other.comment.id),
  );
  return page(request, found, ({ issue, comment }) => commentShape(state, issue, comment), repository.id);
}

function get(request: ApiRequest): Answer {
  return shown(request, commentOf(request));
}

function update(request: ApiRequest): Answer {
  const found = own(request);
  editComment(request.state, found.issue, found.comment, accountOf(request), words(request));
  return shown(request, found);
}

function remove(request: ApiRequest): Answer {
  const { issue, comment } = own(request);
  deleteComment(request.state, issue, comment, accountOf(request));
  return { status: 204 };
}

function words(request: ApiRequest): string {
  const body = text(request.body, 'body');
  if (body === undefined) throw malformed(`"body" wasn't supplied.`);
  if (body.trim() === '') throw invalid({ resource: 'IssueComment', field: 'body', code: 'missing_field' });
  checkBody('IssueComment', body);
  return body;
}

function commentOf(request: ApiRequest): Found {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  const found = findComment(repository, Number(param(request, 'comment_id')));
  if (found === undefined) throw notFound();
  return found;
}

/** A comment for its author, or for somebody who may push. */
function own(request: ApiRequest): Found {
  const found = commentOf(request);
  needIssues(request, found.issue.repository, 'write');
  const mine = found.comment.author === request.caller.account;
  if (!mine && !mayTriage(request.caller, found.issue.repository))
    throw refuse(403, 'Must have admin rights to Repository.');
  return found;
}

function shown(request: ApiRequest, { issue, comment }: Found): Answer {
  return { status: 200, json: commentShape(request.state, issue, comment) };
}
