import { textOf } from './draft.ts';
import { itemShape, itemUrl, updateShape } from './shapes.ts';
import type { Notice, State, Subscription } from './state.ts';
import { newGuid, stamp } from './state.ts';

/** Something that happened, as every service hook is told of it: https://learn.microsoft.com/azure/devops/service-hooks/events */
export interface HookEvent {
  id: string;
  eventType: string;
  createdDate: string;
  message: string;
  resource: Record<string, unknown>;
  containers: Record<string, unknown>;
}

export function eventOf(state: State, root: string, notice: Notice): HookEvent {
  const { item, actor } = notice;
  const { organization } = item.project;
  const type = textOf(item.fields, 'System.WorkItemType');
  return {
    id: newGuid(state),
    eventType: `workitem.${notice.event}`,
    createdDate: stamp(state),
    message: `${type} #${item.id} (${textOf(item.fields, 'System.Title')}) ${WORDS[notice.event]} by ${actor.name}.`,
    resource: resourceOf(root, notice),
    containers: {
      collection: { id: organization.id, baseUrl: `${root}/` },
      account: { id: organization.id, baseUrl: `${root}/` },
      project: { id: item.project.id, baseUrl: `${root}/` },
    },
  };
}

const WORDS: Readonly<Record<Notice['event'], string>> = {
  created: 'created',
  updated: 'updated',
  deleted: 'deleted',
  restored: 'restored',
  commented: 'commented on',
};

/** An update names the update first: `id` is its number, `workItemId` the work item. */
function resourceOf(root: string, { item, event, update }: Notice): Record<string, unknown> {
  const whole = itemShape(root, item, { relations: true, links: true, formats: false, plainPeople: true });
  if (event !== 'updated' || update === undefined)
    return { ...whole, url: itemUrl(root, item.project, item.id) };
  return { ...updateShape(root, item, update), revision: whole };
}

/** What is posted to one subscription; how much it says of the resource is the subscription's choice. */
export function bodyOf(event: HookEvent, subscription: Subscription, notificationId: number): string {
  const { consumerInputs } = subscription;
  const { resource } = event;
  const details = consumerInputs['resourceDetailsToSend'] ?? 'all';
  const minimal = { id: resource['id'], url: resource['url'] };
  return JSON.stringify({
    subscriptionId: subscription.id,
    notificationId,
    id: event.id,
    eventType: event.eventType,
    publisherId: 'tfs',
    message: messageOf(consumerInputs['messagesToSend'], event.message),
    detailedMessage: messageOf(consumerInputs['detailedMessagesToSend'], event.message),
    resource: details === 'all' ? resource : details === 'minimal' ? minimal : null,
    resourceVersion: subscription.resourceVersion,
    resourceContainers: event.containers,
    createdDate: event.createdDate,
  });
}

function messageOf(choice: string | undefined, text: string): unknown {
  if (choice === 'none') return null;
  const all = { text, html: text, markdown: text };
  return choice === 'text' ? { text } : all;
}
