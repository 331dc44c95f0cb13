import { issueFor, issueOf, userOf } from '../access.ts';
import { badFields, forbidden, refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { addComment, deleteComment, editComment } from '../comment-acts.ts';
import { isTooLong, richOf } from '../fields.ts';
import { may } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { param } from '../request.ts';
import { commentShape } from '../shapes.ts';
import type { Comment, Issue, Rich } from '../state.ts';
import { cut, viewOf } from './pages.ts';
import { route } from './route.ts';

export const commentRoutes = [
  route('GET /issue/:issue/comment', list),
  route('POST /issue/:issue/comment', create),
  route('GET /issue/:issue/comment/:comment', (request) => {
    const issue = issueOf(request);
    return { status: 200, json: commentShape(viewOf(request), issue.id, commentOf(request, issue)) };
  }),
  route('PUT /issue/:issue/comment/:comment', update),
  route('DELETE /issue/:issue/comment/:comment', remove),
];

function list(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const newestFirst = (request.query.get('orderBy') ?? '').startsWith('-');
  const ordered = newestFirst ? issue.comments.toReversed() : issue.comments;
  const { startAt, maxResults, total, shown } = cut(request, ordered, 5000, 5000);
  const comments = shown.map((each) => commentShape(viewOf(request), issue.id, each));
  return { status: 200, json: { startAt, maxResults, total, comments } };
}

function create(request: ApiRequest): Answer {
  const issue = issueFor(request, 'ADD_COMMENTS', 'You do not have the permission to comment on this issue.');
  if (issue.comments.length >= request.knobs.commentLimit)
    throw refuse(413, ['The issue has reached the limit of comments.']);
  const comment = addComment(request.state, issue, userOf(request), bodyOf(request));
  return { status: 201, json: commentShape(viewOf(request), issue.id, comment) };
}

function update(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const known = ownOr(request, issue, 'EDIT_ALL_COMMENTS');
  const comment = editComment(request.state, issue, known.id, userOf(request), bodyOf(request));
  return { status: 200, json: commentShape(viewOf(request), issue.id, comment) };
}

function remove(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const known = ownOr(request, issue, 'DELETE_ALL_COMMENTS');
  deleteComment(request.state, issue, known.id, userOf(request));
  return { status: 204 };
}

/** The comment, if it is the caller's own or the caller may do that to everybody's. */
function ownOr(
  request: ApiRequest,
  issue: Issue,
  permission: 'EDIT_ALL_COMMENTS' | 'DELETE_ALL_COMMENTS',
): Comment {
  const user = userOf(request);
  const comment = commentOf(request, issue);
  if (comment.author !== user && !may(issue.project, user, permission))
    throw forbidden('You do not have permission to change this comment.');
  return comment;
}

function commentOf(request: ApiRequest, issue: Issue): Comment {
  const id = param(request, 'comment');
  const found = issue.comments.find((each) => each.id === id);
  if (found === undefined) throw refuse(404, [`Can not find a comment for the id: ${id}.`]);
  return found;
}

function bodyOf(request: ApiRequest): Rich {
  const body = richOf(request, request.body['body']);
  if (body === undefined) throw badFields({ comment: 'Comment body is not valid!' });
  if (body === '' || (typeof body !== 'string' && (body.content ?? []).length === 0))
    throw badFields({ comment: 'Comment body can not be empty!' });
  if (isTooLong(body))
    throw badFields({
      comment: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.',
    });
  return body;
}
