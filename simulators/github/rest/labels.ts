import { accountOf, issueOf, mayTriage, needIssues, repositoryOf } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalid, malformed, notFound, refuse } from '../answers.ts';
import { permissionOf, reaches } from '../accounts.ts';
import { ensureLabel, sameName, setLabels } from '../issue-acts.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { names, nullableText, param, text } from '../request.ts';
import { labelShape } from '../shapes.ts';
import type { Issue, Label, Repository } from '../state.ts';
import { checkLabelNames } from './issue-fields.ts';
import { route } from './route.ts';

const REPOSITORY = '/repos/:owner/:repo/labels';
const ISSUE = '/repos/:owner/:repo/issues/:issue_number/labels';

export const labelRoutes = [
  route(`GET ${REPOSITORY}`, list),
  route(`POST ${REPOSITORY}`, create, true),
  route(`GET ${REPOSITORY}/:name`, get),
  route(`GET ${ISSUE}`, listOfIssue),
  route(`POST ${ISSUE}`, addToIssue),
  route(`PUT ${ISSUE}`, setOfIssue),
  route(`DELETE ${ISSUE}`, removeAll),
  route(`DELETE ${ISSUE}/:name`, removeOne),
];

function list(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  return page(
    request,
    repository.labels,
    (label) => labelShape(request.state, repository, label),
    repository.id,
  );
}

function create(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const repository = repositoryOf(request);
  needIssues(request, repository, 'write');
  const isApp = caller.token?.kind === 'installation';
  if (!isApp && !reaches(permissionOf(repository, caller.account), 'write')) throw notFound();
  const name = text(body, 'name');
  if (name === undefined) throw malformed(`"name" wasn't supplied.`);
  checkLabelNames([name]);
  const color = text(body, 'color') ?? 'ededed';
  if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid({ resource: 'Label', field: 'color', code: 'invalid' });
  if (repository.labels.some((label) => sameName(label.name, name)))
    throw invalid({ resource: 'Label', field: 'name', code: 'already_exists' });
  const label = ensureLabel(state, repository, name, color.toLowerCase());
  label.description = nullableText(body, 'description') ?? null;
  const json = labelShape(state, repository, label);
  return { status: 201, json, headers: { location: String(json['url']) } };
}

function get(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  const label = repository.labels.find((each) => sameName(each.name, param(request, 'name')));
  if (label === undefined) throw notFound();
  return { status: 200, json: labelShape(request.state, repository, label) };
}

function listOfIssue(request: ApiRequest): Answer {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'read');
  return page(request, issue.labels, shapeIn(request, issue.repository), issue.repository.id);
}

function addToIssue(request: ApiRequest): Answer {
  const issue = labelled(request);
  const wanted = wantedLabels(request);
  return changed(request, issue, [...issue.labels.map((label) => label.name), ...wanted]);
}

function setOfIssue(request: ApiRequest): Answer {
  return changed(request, labelled(request), wantedLabels(request));
}

function removeAll(request: ApiRequest): Answer {
  setLabels(request.state, labelled(request), accountOf(request), []);
  return { status: 204 };
}

function removeOne(request: ApiRequest): Answer {
  const issue = labelled(request);
  const name = param(request, 'name');
  if (!issue.labels.some((label) => sameName(label.name, name))) throw refuse(404, 'Label does not exist');
  const rest = issue.labels.map((label) => label.name).filter((each) => !sameName(each, name));
  return changed(request, issue, rest);
}

/** The issue of the path, for somebody who may label it. */
function labelled(request: ApiRequest): Issue {
  const issue = issueOf(request);
  needIssues(request, issue.repository, 'write');
  if (!mayTriage(request.caller, issue.repository))
    throw refuse(403, 'Must have admin rights to Repository.');
  return issue;
}

/** GitHub takes `{labels: [...]}` and a bare list. */
function wantedLabels(request: ApiRequest): string[] {
  const wanted = names(request.list ?? request.body['labels'], 'labels', 'name') ?? [];
  checkLabelNames(wanted);
  return wanted;
}

function changed(request: ApiRequest, issue: Issue, wanted: readonly string[]): Answer {
  setLabels(request.state, issue, accountOf(request), wanted);
  return { status: 200, json: issue.labels.map(shapeIn(request, issue.repository)) };
}

function shapeIn(request: ApiRequest, repository: Repository): (label: Label) => Record<string, unknown> {
  return (label) => labelShape(request.state, repository, label);
}
