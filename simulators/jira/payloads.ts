import { issueShape } from './issue-shape.ts';
import type { Hook, Notice } from './notices.ts';
import type { Shape, View } from './shapes.ts';
import { commentShape, itemShape, userShape } from './shapes.ts';
import type { State } from './state.ts';

/** What a webhook says: the shapes of API v2, so texts are wiki markup. */
export function payloadOf(state: State, notice: Notice, hook: Hook): Shape {
  const view: View = { state, apiRoot: state.url, version: 2, timeZone: 'UTC' };
  const { event, issue, user, comment, change, property } = notice;
  const head = { timestamp: state.now().getTime(), webhookEvent: event };
  const matched = hook.kind === 'dynamic' ? { matchedWebhookIds: [hook.id] } : {};
  if (comment !== undefined)
    return {
      ...head,
      comment: commentShape(view, issue.id, comment),
      issue: issueShape(view, issue, {
        fields: ['summary', 'issuetype', 'project', 'assignee', 'priority', 'status'],
      }),
      ...matched,
    };
  if (property !== undefined)
    return {
      ...head,
      user: userShape(view, user),
      property: { key: property, value: issue.properties.get(property) ?? null },
      issue: issueShape(view, issue, { fields: ['*navigable'] }),
      ...matched,
    };
  return {
    ...head,
    ...(notice.typeName === undefined ? {} : { issue_event_type_name: notice.typeName }),
    user: userShape(view, user),
    issue: issueShape(view, issue, { fields: ['*navigable'] }),
    ...(change === undefined
      ? {}
      : { changelog: { id: change.id, items: change.items.map((item) => itemShape(state, item)) } }),
    ...matched,
  };
}
