import { isAdministrator, reaches, roleOf } from '../accounts.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, list, ok, refuse } from '../answers.ts';
import { deliveryShape, MASK, subscriptionShape } from '../hook-shape.ts';
import type { Post } from '../post.ts';
import { findProject } from '../project-acts.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { bodyOf, isFields, numberParam, param, queryOf, textsOf } from '../request.ts';
import type { Delivery, Subscription } from '../state.ts';
import { newGuid, stamp } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const SCOPE = 'vso.hooks_write';
const BASE = 'hooks/subscriptions';
const EVENTS = ['created', 'updated', 'deleted', 'restored', 'commented'].map((each) => `workitem.${each}`);

export function hookRoutes(post: Post): readonly Route[] {
  return [
    route(`GET ${BASE}`, SCOPE, (request) => {
      const wanted = ['publisherId', 'eventType', 'consumerId', 'consumerActionId'].flatMap((name) => {
        const value = queryOf(request, name);
        return value === undefined ? [] : [[name, value] as const];
      });
      const shapes = visible(request).map((each) => subscriptionShape(request.root, each));
      return list(shapes.filter((shape) => wanted.every(([name, value]) => shape[name] === value)));
    }),
    route(`POST ${BASE}`, SCOPE, create),
    route(`GET ${BASE}/:id`, SCOPE, (request) =>
      ok(subscriptionShape(request.root, subscriptionOf(request))),
    ),
    route(`PUT ${BASE}/:id`, SCOPE, replace),
    route(`DELETE ${BASE}/:id`, SCOPE, (request) => {
      const gone = subscriptionOf(request);
      needEdit(request, gone.publisherInputs['projectId'] ?? '');
      request.organization.subscriptions = request.organization.subscriptions.filter((each) => each !== gone);
      return { status: 204 };
    }),
    route(`GET ${BASE}/:id/notifications`, SCOPE, (request) => {
      const subscription = subscriptionOf(request);
      const [status, result] = [queryOf(request, 'status'), queryOf(request, 'result')];
      const fitting = subscription.deliveries.filter(
        (each) => (status ?? each.status) === each.status && (result ?? each.result) === each.result,
      );
      const newest = fitting.toReversed().slice(0, Number(queryOf(request, 'maxResults') ?? 100));
      return list(newest.map((each) => deliveryShape(subscription, each, false)));
    }),
    route(`GET ${BASE}/:id/notifications/:notificationId`, SCOPE, (request) => {
      const subscription = subscriptionOf(request);
      return ok(deliveryShape(subscription, deliveryOf(request, subscription), true));
    }),
    route('POST hooks/notificationsquery', SCOPE, queryNotifications),
    route('POST hooks/subscriptionsquery', SCOPE, querySubscriptions),
    route('POST hooks/testnotifications', SCOPE, (request) => {
      const { subscriptionId } = bodyOf(request);
      const found = visible(request).find(({ id }) => id === subscriptionId);
      if (found === undefined) throw noSubscription(String(subscriptionId));
      return ok(deliveryShape(found, post.test(found), true));
    }),
    route('GET hooks/publishers/:publisherId/eventtypes', SCOPE, (request) =>
      list(
        EVENTS.map((id) => ({
          id,
          name: `Work item ${id.slice('workitem.'.length)}`,
          description: '',
          publisherId: param(request, 'publisherId'),
          supportedResourceVersions: ['1.0', '3.1-preview.3', '5.1-preview.3'],
          url: `${request.root}/_apis/hooks/publishers/tfs/eventTypes/${id}`,
        })),
      ),
    ),
    route('GET hooks/consumers/:consumerId', SCOPE, (request) => {
      const url = `${request.root}/_apis/hooks/consumers/webHooks`;
      const action = {
        id: 'httpRequest',
        consumerId: 'webHooks',
        name: 'Post via HTTP',
        url: `${url}/actions/httpRequest`,
      };
      const supportedEventTypes = EVENTS;
      return ok({
        id: 'webHooks',
        name: 'Web Hooks',
        description: 'Provides event communication via HTTP.',
        url,
        authenticationType: 'none',
        actions: [{ ...action, description: '', supportedEventTypes, allowResourceVersionOverride: true }],
      });
    }),
  ];
}

function create(request: ApiRequest): Answer {
  const { state, organization, caller, root } = request;
  const wish = wishOf(bodyOf(request), {});
  needEdit(request, wish.publisherInputs['projectId'] ?? '');
  const now = stamp(state);
  const subscription: Subscription = {
    id: newGuid(state),
    organization,
    ...wish,
    status: 'enabled',
    probationRetries: 0,
    createdBy: caller.account,
    createdAt: now,
    modifiedBy: caller.account,
    modifiedAt: now,
    deliveries: [],
  };
  organization.subscriptions.push(subscription);
  return ok(subscriptionShape(root, subscription));
}

/** Also how a subscription that was disabled is enabled again. A masked secret means the one that is there. */
function replace(request: ApiRequest): Answer {
  const subscription = subscriptionOf(request);
  const body = bodyOf(request);
  const wish = wishOf(body, subscription.consumerInputs);
  needEdit(request, wish.publisherInputs['projectId'] ?? '');
  Object.assign(subscription, wish);
  const { status } = body;
  if (status === 'enabled' || status === 'disabledByUser') subscription.status = status;
  if (subscription.status === 'enabled') {
    subscription.probationRetries = 0;
    delete subscription.held;
  }
  subscription.modifiedBy = request.caller.account;
  subscription.modifiedAt = stamp(request.state);
  return ok(subscriptionShape(request.root, subscription));
}

type Wish = Pick<Subscription, 'eventType' | 'resourceVersion' | 'publisherInputs' | 'consumerInputs'>;

function wishOf(body: Fields, former: Readonly<Record<string, string>>): Wish {
  const { publisherId, eventType, consumerId, consumerActionId, resourceVersion } = body;
  if (publisherId !== 'tfs') throw invalidProperty(`The publisher ${String(publisherId)} does not exist.`);
  if (consumerId !== 'webHooks' || consumerActionId !== 'httpRequest')
    throw invalidProperty(
      `The consumer action ${String(consumerId)}/${String(consumerActionId)} does not exist.`,
    );
  if (typeof eventType !== 'string' || !EVENTS.includes(eventType))
    throw invalidProperty(`The event type ${String(eventType)} does not exist.`);
  const inputs = Object.entries(inputsOf(body['consumerInputs'])).map(([name, value]): [string, string] => [
    name,
    value === MASK ? (former[name] ?? '') : value,
  ]);
  const consumerInputs = Object.fromEntries(inputs);
  const url = consumerInputs['url'] ?? '';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw invalidProperty(
      `The value '${url}' of the input url is not a valid absolute HTTP or HTTPS address.`,
    );
  return {
    eventType,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '1.0',
    publisherInputs: inputsOf(body['publisherInputs']),
    consumerInputs,
  };
}

function inputsOf(value: unknown): Record<string, string> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, String(inner)]));
}

function queryNotifications(request: ApiRequest): Answer {
  const body = bodyOf(request);
  const ids = textsOf(body['subscriptionIds']);
  const isIncluded = body['includeDetails'] === true;
  const results = visible(request)
    .filter(({ id }) => ids?.includes(id) ?? true)
    .flatMap((subscription) =>
      subscription.deliveries
        .filter(
          ({ status, result }) =>
            (body['status'] ?? status) === status && (body['resultType'] ?? result) === result,
        )
        .map((each) => deliveryShape(subscription, each, isIncluded)),
    );
  return ok({ ...body, results: results.slice(0, Number(body['maxResults'] ?? 100)) });
}

function querySubscriptions(request: ApiRequest): Answer {
  const body = bodyOf(request);
  const shapes = visible(request).map((each) => subscriptionShape(request.root, each));
  const names = ['publisherId', 'eventType', 'consumerId', 'consumerActionId'];
  const results = shapes.filter((shape) =>
    names.every((name) => (body[name] ?? shape[name]) === shape[name]),
  );
  return ok({ ...body, results });
}

function subscriptionOf(request: ApiRequest): Subscription {
  const id = param(request, 'id').toLowerCase();
  const found = visible(request).find((each) => each.id === id);
  if (found === undefined) throw noSubscription(id);
  return found;
}

function visible(request: ApiRequest): Subscription[] {
  return request.organization.subscriptions.filter(({ publisherInputs }) =>
    mayEdit(request, publisherInputs['projectId'] ?? ''),
  );
}

function deliveryOf(request: ApiRequest, { deliveries }: Subscription): Delivery {
  const id = numberParam(request, 'notificationId');
  const found = deliveries.find((each) => each.id === id);
  if (found === undefined)
    throw refuse(404, 'NotificationNotFoundException', `The notification ${id} could not be found.`);
  return found;
}

function noSubscription(id: string): ReturnType<typeof refuse> {
  return refuse(404, 'SubscriptionNotFoundException', `The subscription ${id} could not be found.`);
}

function mayEdit({ organization, caller }: ApiRequest, projectId: string): boolean {
  if (isAdministrator(organization, caller.account)) return true;
  const project = findProject(organization, projectId);
  return project !== undefined && reaches(roleOf(project, caller.account), 'administrator');
}

function needEdit(request: ApiRequest, projectId: string): void {
  const { organization, caller } = request;
  if (projectId !== '' && findProject(organization, projectId) === undefined)
    throw invalidProperty(`The value '${projectId}' of the input projectId is not valid.`);
  if (mayEdit(request, projectId)) return;
  throw refuse(
    403,
    'AccessCheckException',
    `Access denied: ${caller.account.name} needs the following permission(s) on the resource ServiceHooks to perform this action: Edit subscriptions`,
  );
}
