import { issueFor, issueOf, userOf } from '../access.ts';
import { badInput, refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { setProperty } from '../issue-acts.ts';
import type { ApiRequest } from '../request.ts';
import { param } from '../request.ts';
import { selfOf } from '../shapes.ts';
import { checkProperty } from './issues.ts';
import { viewOf } from './pages.ts';
import { route } from './route.ts';

const ONE = '/issue/:issue/properties/:property';
const NO_EDIT = 'You do not have permission to edit this issue.';

export const propertyRoutes = [
  route('GET /issue/:issue/properties', (request) => {
    const issue = issueOf(request);
    const keys = [...issue.properties.keys()].map((key) => ({
      self: selfOf(viewOf(request), `issue/${issue.key}/properties/${key}`),
      key,
    }));
    return { status: 200, json: { keys } };
  }),
  route(`GET ${ONE}`, (request) => {
    const key = param(request, 'property');
    const value = issueOf(request).properties.get(key);
    if (value === undefined) throw noProperty(key);
    return { status: 200, json: { key, value } };
  }),
  route(`PUT ${ONE}`, put),
  route(`DELETE ${ONE}`, (request) => {
    const issue = issueFor(request, 'EDIT_ISSUES', NO_EDIT);
    const key = param(request, 'property');
    if (!issue.properties.has(key)) throw noProperty(key);
    setProperty(request.state, issue, userOf(request), key, undefined);
    return { status: 204 };
  }),
];

function put(request: ApiRequest): Answer {
  const issue = issueFor(request, 'EDIT_ISSUES', NO_EDIT);
  const key = param(request, 'property');
  if (request.json === undefined) throw badInput('The property value is not valid JSON.');
  checkProperty(key, request.json);
  const isNew = !issue.properties.has(key);
  setProperty(request.state, issue, userOf(request), key, request.json);
  return { status: isNew ? 201 : 200 };
}

function noProperty(key: string): ReturnType<typeof refuse> {
  return refuse(404, [`The property with key "${key}" does not exist.`]);
}
