import type { Secret } from '../../domain/secret.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { dataOf, refusal } from './answers.ts';
import { ask, fetchData, readProject } from './project.ts';
import type { AzurePlace } from './project.ts';
import { BASIC, HEADER, headerProof, USER } from './proof.ts';
import { AzureSubscription, AzureSubscriptions } from './wire.ts';

export const SUBSCRIPTIONS = '/_apis/hooks/subscriptions';
/** A subscription is about one kind of event. https://learn.microsoft.com/azure/devops/service-hooks/events#work-item-created */
const EVENTS = ['created', 'updated', 'deleted', 'restored', 'commented'].map((each) => `workitem.${each}`);

function pathOf(id: string): string {
  return `${SUBSCRIPTIONS}/${encodeURIComponent(id)}`;
}

/** Our ids for the subscriptions of one address together. */
function idsOf(hookId: string): readonly string[] {
  return hookId.split(',').filter((id) => id !== '');
}

/** The project's service hooks. https://learn.microsoft.com/rest/api/azure/devops/hooks/subscriptions */
export function hooksOf(place: AzurePlace): Hooks {
  async function projectId(signal: AbortSignal): Promise<string> {
    return place.project?.id ?? (await readProject(place, signal)).projectId;
  }

  async function listed(signal: AbortSignal): Promise<readonly AzureSubscription[]> {
    const query = { publisherId: 'tfs', consumerId: 'webHooks', consumerActionId: 'httpRequest' };
    const request = { path: SUBSCRIPTIONS, query };
    const { value } = await fetchData(place, request, AzureSubscriptions, 'list service hooks', signal);
    const project = await projectId(signal);
    return value.filter((each) => each.publisherInputs?.['projectId'] === project);
  }

  /** One that was disabled is enabled by being stored again. The data of work items stays off the wire. */
  async function store(
    eventType: string,
    id: string | undefined,
    { url, secret }: { url: string; secret: Secret },
    signal: AbortSignal,
  ): Promise<AzureSubscription> {
    const json = {
      publisherId: 'tfs',
      eventType,
      resourceVersion: '1.0',
      consumerId: 'webHooks',
      consumerActionId: 'httpRequest',
      publisherInputs: { projectId: await projectId(signal) },
      consumerInputs: {
        url,
        basicAuthUsername: USER,
        basicAuthPassword: secret.reveal(),
        httpHeaders: `${HEADER}:${headerProof(secret).reveal()}`,
        resourceDetailsToSend: 'minimal',
        messagesToSend: 'none',
        detailedMessagesToSend: 'none',
      },
    };
    const answer =
      id === undefined
        ? await ask(place, { method: 'POST', path: SUBSCRIPTIONS, json }, signal)
        : await ask(
            place,
            { method: 'PUT', path: pathOf(id), json: { ...json, id, status: 'enabled' } },
            signal,
          );
    return dataOf(answer, AzureSubscription, 'register a service hook', place.clock.now());
  }

  async function removeOne(id: string, signal: AbortSignal): Promise<void> {
    const answer = await ask(place, { method: 'DELETE', path: pathOf(id) }, signal);
    if (answer.status !== 200 && answer.status !== 204 && answer.status !== 404)
      throw refusal(answer, 'remove a service hook', place.clock.now());
  }

  return {
    async ensure(url, secret, signal) {
      const there = (await listed(signal)).filter((each) => each.consumerInputs?.['url'] === url);
      const ids: string[] = [];
      for (const eventType of EVENTS) {
        const [first, ...doubled] = there.filter((each) => each.eventType === eventType);
        for (const each of doubled) await removeOne(each.id, signal);
        ids.push((await store(eventType, first?.id, { url, secret }, signal)).id);
      }
      return { hookId: ids.join(','), scheme: BASIC };
    },
    /** On probation new events are lost: such a hook is as bad as none. */
    async healthy(hookId, signal) {
      const there = new Map((await listed(signal)).map((each) => [each.id, each.status]));
      const ids = idsOf(hookId);
      return ids.length === EVENTS.length && ids.every((id) => there.get(id) === 'enabled');
    },
    async remove(hookId, signal) {
      for (const id of idsOf(hookId)) await removeOne(id, signal);
    },
  };
}
