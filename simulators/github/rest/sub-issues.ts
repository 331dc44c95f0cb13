import { issueOf, mayTriage, needIssues } from '../access.ts';
import { canRead } from '../accounts.ts';
import type { Answer } from '../../shared/answers.ts';
import { malformed, notFound, refuse } from '../answers.ts';
import { childrenOf, setParent } from '../issue-acts.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { issueShape } from '../shapes.ts';
import type { Issue } from '../state.ts';
import { route } from './route.ts';

const PLACE = '/repos/:owner/:repo/issues/:issue_number';
const MOST_CHILDREN = 100;
const MOST_LEVELS = 8;

/** https://docs.github.com/rest/issues/sub-issues */
export const subIssueRoutes = [
  route(`GET ${PLACE}/sub_issues`, list),
  route(`POST ${PLACE}/sub_issues`, add),
  route(`DELETE ${PLACE}/sub_issue`, remove),
  route(`GET ${PLACE}/parent`, parent),
];

function list(request: ApiRequest): Answer {
  const issue = found(request, 'read');
  const { state } = request;
  return page(request, childrenOf(state, issue), (child) => issueShape(state, child), issue.repository.id);
}

function add(request: ApiRequest): Answer {
  const issue = found(request, 'write');
  const { state, body } = request;
  const child = namedIssue(request);
  if (child === issue) throw refuse(422, 'An issue cannot be a sub-issue of itself');
  const replace = body['replace_parent'] === true;
  if (child.parent === issue)
    throw refuse(
      422,
      'An error occurred while adding the sub-issue to the parent issue. Issue may not contain duplicate sub-issues',
    );
  if (child.parent !== null && !replace)
    throw refuse(
      422,
      'An error occurred while adding the sub-issue to the parent issue. Sub issue may only have one parent',
    );
  if (childrenOf(state, issue).length >= MOST_CHILDREN)
    throw refuse(422, `Parent cannot have more than ${MOST_CHILDREN} sub-issues`);
  if (levelOf(issue) + 1 > MOST_LEVELS || ancestorsOf(issue).includes(child))
    throw refuse(422, 'Parent cannot be nested that deep');
  setParent(state, child, issue);
  const json = issueShape(state, issue);
  return { status: 201, json, headers: { location: String(json['url']) } };
}

function remove(request: ApiRequest): Answer {
  const issue = found(request, 'write');
  const child = namedIssue(request);
  if (child.parent !== issue) throw notFound();
  setParent(request.state, child, null);
  return { status: 200, json: issueShape(request.state, issue) };
}

function parent(request: ApiRequest): Answer {
  const issue = found(request, 'read');
  if (issue.parent === null || !canRead(request.caller, issue.parent.repository)) throw notFound();
  return { status: 200, json: issueShape(request.state, issue.parent) };
}

function found(request: ApiRequest, wanted: 'read' | 'write'): Issue {
  if (!request.knobs.subIssues) throw notFound();
  const issue = issueOf(request);
  needIssues(request, issue.repository, wanted);
  if (wanted === 'write' && !mayTriage(request.caller, issue.repository))
    throw refuse(403, 'Must have admin rights to Repository.');
  return issue;
}

/** The issue with the id of the body, in a repository of the same owner. */
function namedIssue(request: ApiRequest): Issue {
  const id = request.body['sub_issue_id'];
  if (typeof id !== 'number') throw malformed(`"sub_issue_id" wasn't supplied.`);
  const { owner } = issueOf(request).repository;
  for (const repository of request.state.repositories) {
    if (repository.owner !== owner || !canRead(request.caller, repository)) continue;
    for (const issue of repository.issues.values()) if (issue.id === id && !issue.isPullRequest) return issue;
  }
  throw refuse(404, 'The provided sub-issue does not exist');
}

function ancestorsOf(issue: Issue): Issue[] {
  return issue.parent === null ? [] : [issue.parent, ...ancestorsOf(issue.parent)];
}

function levelOf(issue: Issue): number {
  return ancestorsOf(issue).length + 1;
}
