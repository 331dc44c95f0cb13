import { itemOf, needWrite } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, ok, refuse } from '../answers.ts';
import { addComment, deleteComment, editComment, findComment } from '../comment-acts.ts';
import type { ApiRequest } from '../request.ts';
import { bodyOf, flagOf, listOf, numberParam, queryOf } from '../request.ts';
import { commentShape, itemUrl } from '../shapes.ts';
import type { Comment, Format, WorkItem } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const PREVIEW = { preview: true };
const PAGE = 200;
const BASE = 'wit/workitems/:workItemId/comments';

export const commentRoutes: readonly Route[] = [
  route(`GET ${BASE}`, 'vso.work', listed, PREVIEW),
  route(`POST ${BASE}`, 'vso.work_write', added, PREVIEW),
  route(
    `GET ${BASE}/:commentId`,
    'vso.work',
    (request) => {
      const { item, comment } = commentOf(request, flagOf(request, 'includeDeleted'));
      return ok(commentShape(request.root, item, comment));
    },
    PREVIEW,
  ),
  route(
    `PATCH ${BASE}/:commentId`,
    'vso.work_write',
    (request) => {
      const { item, comment } = commentOf(request);
      needOwn(request, item, comment);
      editComment(request.state, item, comment, request.caller.account, textOf(request));
      return ok(commentShape(request.root, item, comment));
    },
    PREVIEW,
  ),
  route(
    `DELETE ${BASE}/:commentId`,
    'vso.work_write',
    (request) => {
      const { item, comment } = commentOf(request);
      needOwn(request, item, comment);
      deleteComment(request.state, item, comment, request.caller.account);
      return { status: 204 };
    },
    PREVIEW,
  ),
];

/** Newest first, unless asked otherwise. */
function listed(request: ApiRequest): Answer {
  const item = itemOf(request, numberParam(request, 'workItemId'));
  const ids = listOf(request, 'ids')?.map(Number);
  const shown = item.comments.filter(
    ({ id, isDeleted }) =>
      (flagOf(request, 'includeDeleted') || !isDeleted) && (ids === undefined || ids.includes(id)),
  );
  const ordered = queryOf(request, 'order')?.toLowerCase() === 'asc' ? shown : shown.toReversed();
  const token = queryOf(request, 'continuationToken');
  const start =
    token === undefined
      ? 0
      : Math.max(
          0,
          ordered.findIndex(({ id }) => String(id) === token),
        );
  const top = Math.min(Number(queryOf(request, '$top') ?? PAGE), PAGE);
  const page = ordered.slice(start, start + top);
  const next = ordered[start + top]?.id;
  const url = `${itemUrl(request.root, item.project, item.id)}/comments`;
  return ok({
    totalCount: shown.length,
    count: page.length,
    comments: page.map((each) => commentShape(request.root, item, each)),
    ...(next === undefined
      ? {}
      : { continuationToken: String(next), nextPage: `${url}?continuationToken=${next}&$top=${top}` }),
    url,
  });
}

function added(request: ApiRequest): Answer {
  const item = itemOf(request, numberParam(request, 'workItemId'));
  needWrite(request, item.project, item.fields);
  const text = textOf(request);
  const comment = addComment(request.state, item, request.caller.account, text, formatOf(request));
  return ok(commentShape(request.root, item, comment));
}

function formatOf(request: ApiRequest): Format {
  const format = queryOf(request, 'format')?.toLowerCase() ?? 'html';
  if (format === 'html') return 'html';
  if (format === 'markdown' && request.organization.kind === 'services') return 'markdown';
  throw invalidProperty(`The format ${format} of comments is not supported by this server.`);
}

function textOf(request: ApiRequest): string {
  const { text } = bodyOf(request);
  if (typeof text !== 'string' || text.trim() === '')
    throw invalidProperty('Value cannot be null. Parameter name: text');
  return text;
}

function commentOf(request: ApiRequest, deletedToo = false): { item: WorkItem; comment: Comment } {
  const item = itemOf(request, numberParam(request, 'workItemId'));
  const id = numberParam(request, 'commentId');
  const comment = deletedToo ? item.comments.find((each) => each.id === id) : findComment(item, id);
  if (comment !== undefined) return { item, comment };
  throw refuse(
    404,
    'WorkItemCommentNotFoundException',
    `VS403684: Comment ${id} of work item ${item.id} does not exist, or you do not have permissions to read it.`,
  );
}

function needOwn(request: ApiRequest, item: WorkItem, comment: Comment): void {
  needWrite(request, item.project, item.fields);
  if (comment.by.id === request.caller.account.id) return;
  throw refuse(
    403,
    'WorkItemUnauthorizedAccessException',
    `VS403689: Comment ${comment.id} was written by somebody else.`,
  );
}
