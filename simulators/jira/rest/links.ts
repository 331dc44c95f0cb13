import { findIssue, issueFor, issueOf, userOf } from '../access.ts';
import { badFields, noIssue, refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { index } from '../issue-acts.ts';
import { isVisible, linkedShape } from '../issue-shape.ts';
import type { ApiRequest } from '../request.ts';
import { isFields, param } from '../request.ts';
import { wordOf } from '../rich.ts';
import { selfOf } from '../shapes.ts';
import type { Shape } from '../shapes.ts';
import type { Issue, IssueLink, LinkType, RemoteLink } from '../state.ts';
import { newId } from '../state.ts';
import { viewOf } from './pages.ts';
import { route } from './route.ts';

const LINK_TYPES: readonly LinkType[] = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' },
  { id: '10002', name: 'Relates', inward: 'relates to', outward: 'relates to' },
];
const NO_LINK = 'You do not have permission to link issues in this project.';

export const linkRoutes = [
  route('GET /issue/:issue/remotelink', listRemote),
  route('POST /issue/:issue/remotelink', putRemote),
  route('DELETE /issue/:issue/remotelink', removeRemote),
  route('GET /issueLinkType', (request) => ({
    status: 200,
    json: { issueLinkTypes: LINK_TYPES.map((each) => typeShape(request, each)) },
  })),
  route('POST /issueLink', join),
  route('GET /issueLink/:link', (request) => {
    const { id, type, inward, outward } = linkOf(request);
    const view = viewOf(request);
    return {
      status: 200,
      json: {
        id,
        self: selfOf(view, `issueLink/${id}`),
        type: typeShape(request, type),
        inwardIssue: linkedShape(view, inward),
        outwardIssue: linkedShape(view, outward),
      },
    };
  }),
  route('DELETE /issueLink/:link', (request) => {
    userOf(request);
    const found = linkOf(request);
    request.state.links = request.state.links.filter((each) => each !== found);
    return { status: 204 };
  }),
];

function typeShape(request: ApiRequest, type: LinkType): Shape {
  return { ...type, self: selfOf(viewOf(request), `issueLinkType/${type.id}`) };
}

function listRemote(request: ApiRequest): Answer {
  const issue = issueOf(request);
  const globalId = request.query.get('globalId');
  if (globalId === null)
    return { status: 200, json: issue.remoteLinks.map((each) => remoteShape(request, issue, each)) };
  const found = issue.remoteLinks.find((each) => each.globalId === globalId);
  if (found === undefined) throw refuse(404, ['The remote issue link does not exist.']);
  return { status: 200, json: remoteShape(request, issue, found) };
}

function remoteShape(request: ApiRequest, issue: Issue, link: RemoteLink): Shape {
  const self = selfOf(viewOf(request), `issue/${issue.key}/remotelink/${link.id}`);
  return { ...link, self, application: {}, object: { ...link.object, icon: {}, status: { icon: {} } } };
}

/** The same `globalId` again is an update: 200, not 201. */
function putRemote(request: ApiRequest): Answer {
  const { state, body } = request;
  const issue = issueFor(request, 'LINK_ISSUES', NO_LINK);
  const object = isFields(body['object']) ? body['object'] : {};
  const { url, title, summary } = Object.fromEntries(
    ['url', 'title', 'summary'].map((name) => [name, object[name]]),
  );
  if (typeof url !== 'string' || url === '') throw badFields({ url: "'url' is required." });
  if (typeof title !== 'string' || title === '') throw badFields({ title: "'title' is required." });
  const globalId = typeof body['globalId'] === 'string' ? body['globalId'] : undefined;
  const known = issue.remoteLinks.find((each) => globalId !== undefined && each.globalId === globalId);
  const kept: RemoteLink = {
    id: known?.id ?? newId(state),
    object: { url, title, ...(typeof summary === 'string' ? { summary } : {}) },
    ...(globalId === undefined ? {} : { globalId }),
    ...(typeof body['relationship'] === 'string' ? { relationship: body['relationship'] } : {}),
  };
  issue.remoteLinks = [...issue.remoteLinks.filter((each) => each !== known), kept];
  index(state, issue);
  const self = selfOf(viewOf(request), `issue/${issue.key}/remotelink/${kept.id}`);
  return { status: known === undefined ? 201 : 200, json: { id: kept.id, self } };
}

function removeRemote(request: ApiRequest): Answer {
  const issue = issueFor(request, 'LINK_ISSUES', NO_LINK);
  const globalId = request.query.get('globalId');
  const found = issue.remoteLinks.find((each) => each.globalId === globalId);
  if (found === undefined) throw refuse(404, ['The remote issue link does not exist.']);
  issue.remoteLinks = issue.remoteLinks.filter((each) => each !== found);
  index(request.state, issue);
  return { status: 204 };
}

function join(request: ApiRequest): Answer {
  const { state, body } = request;
  userOf(request);
  const wanted = isFields(body['type']) ? body['type'] : {};
  const type = LINK_TYPES.find(({ id, name }) => id === wanted['id'] || name === wanted['name']);
  if (type === undefined) throw refuse(404, ['No issue link type with that name found.']);
  const ends = ['inwardIssue', 'outwardIssue'].map((name) => {
    const end = isFields(body[name]) ? body[name] : {};
    const found = findIssue(state, wordOf(end['key'] ?? end['id']));
    if (found === undefined || !isVisible(found, request.caller.user)) throw noIssue();
    return found;
  });
  const [inward, outward] = ends;
  if (inward === undefined || outward === undefined) throw noIssue();
  state.links.push({ id: String(newId(state)), type, inward, outward });
  return { status: 201 };
}

function linkOf(request: ApiRequest): IssueLink {
  const found = request.state.links.find(({ id }) => id === param(request, 'link'));
  if (found === undefined || !isVisible(found.inward, request.caller.user))
    throw refuse(404, ['No issue link with this id exists.']);
  return found;
}
