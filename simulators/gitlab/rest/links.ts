import type { Answer } from '../../shared/answers.ts';
import { issueOf, needRole } from '../access.ts';
import { canReadIssue } from '../accounts.ts';
import { notFound, refuse } from '../answers.ts';
import { findProject } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { choice, param, requiredText, text } from '../request.ts';
import { linkShape, relatedShape } from '../shapes.ts';
import type { Issue, IssueLink } from '../state.ts';
import { newId, stamp } from '../state.ts';
import { route } from './route.ts';

const LINKS = '/projects/:id/issues/:issue_iid/links';
const LINK = `${LINKS}/:issue_link_id`;
const FREE = ['relates_to'] as const;
const PAID = ['relates_to', 'blocks', 'is_blocked_by'] as const;

/** Links between issues. */
export const linkRoutes = [
  route(`GET ${LINKS}`, (request) => (request.knobs.issueLinks ? list(request) : missing())),
  route(`POST ${LINKS}`, (request) => (request.knobs.issueLinks ? create(request) : missing())),
  route(`GET ${LINK}`, (request) => shown(request, linkOf(request, issueOf(request)))),
  route(`DELETE ${LINK}`, remove),
];

function missing(): never {
  throw refuse(404, '404 Not Found');
}

/** All at once, without pages. */
function list(request: ApiRequest): Answer {
  const { state, caller } = request;
  const issue = issueOf(request);
  const found = state.links.filter(
    ({ source, target }) =>
      (source === issue && canReadIssue(target, caller.account)) ||
      (target === issue && canReadIssue(source, caller.account)),
  );
  return { status: 200, json: found.map((link) => relatedShape(state, issue, link)) };
}

function create(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const issue = issueOf(request);
  const target = findProject(state, requiredText(body, 'target_project_id'))?.issues.get(
    Number(requiredText(body, 'target_issue_iid')),
  );
  if (target === undefined || !canReadIssue(target, caller.account)) throw notFound();
  needRole(request, issue.project, 'guest');
  const kinds: readonly (typeof PAID)[number][] = state.enterprise ? PAID : FREE;
  const kind = choice(text(body, 'link_type'), 'link_type', kinds) ?? 'relates_to';
  const known = state.links.some(
    (link) =>
      (link.source === issue && link.target === target) || (link.source === target && link.target === issue),
  );
  if (known) throw refuse(409, 'Issue(s) already assigned');
  const reversed = kind === 'is_blocked_by';
  const link: IssueLink = {
    id: newId(state),
    source: reversed ? target : issue,
    target: reversed ? issue : target,
    type: kind === 'relates_to' ? 'relates_to' : 'blocks',
    createdAt: stamp(state),
  };
  state.links.push(link);
  return shown(request, link, 201);
}

function remove(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needRole(request, issue.project, 'guest');
  const link = linkOf(request, issue);
  request.state.links = request.state.links.filter((each) => each !== link);
  return shown(request, link);
}

function linkOf(request: ApiRequest, issue: Issue): IssueLink {
  const wanted = Number(param(request, 'issue_link_id'));
  const link = request.state.links.find(
    ({ id, source, target }) => id === wanted && (source === issue || target === issue),
  );
  if (link === undefined) throw notFound();
  return link;
}

function shown(request: ApiRequest, link: IssueLink, status = 200): Answer {
  return { status, json: linkShape(request.state, link) };
}
