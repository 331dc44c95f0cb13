import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Issue, IssueComment, IssueRef, StatusCategory, TrackerStatus } from '../../domain/issue.ts';
import type { Markup } from './markup.ts';
import { userId, userName } from './project.ts';
import type { JiraComment, JiraIssue, JiraStatus } from './wire.ts';

/** Where an issue keeps its mark beside its text: people do not see it, and cannot edit it by accident. */
export const PROPERTY = 'tmi.sync';
const Property = z.object({ mark: z.string() });

/** What a resolution or a status says when nothing was done. Names are all that Jira gives; a mapping by id wins over them. */
const DROPPED =
  /^(?:won['’]?t[ -](?:do|fix)|will not (?:do|fix)|duplicate|declined|rejected|cannot reproduce|cancell?ed|invalid|obsolete|abandoned|not (?:planned|a bug)|out of scope)$/i;

export function saysDropped(name: string): boolean {
  return DROPPED.test(name.trim());
}

/** The category of a status; `resolution` tells done from dropped where the status does not. */
export function categoryOf(status: JiraStatus, resolution?: string): StatusCategory {
  switch (status.statusCategory?.key) {
    case 'done':
      return saysDropped(status.name) || saysDropped(resolution ?? '') ? 'dropped' : 'done';
    case 'indeterminate':
      return 'active';
    case undefined:
    default:
      return 'open';
  }
}

function statusOf({ status, resolution }: JiraIssue['fields']): TrackerStatus {
  const category = categoryOf(status, resolution?.name);
  const reason = resolution?.name;
  const name = reason === undefined || reason === status.name ? status.name : `${status.name} (${reason})`;
  return { category, id: status.id, name, ...(reason === undefined ? {} : { resolution: reason }) };
}

/** The mark in the issue's property; people's tools may write anything there. */
export function propertyMark(wire: JiraIssue): string | undefined {
  return Property.safeParse(wire.properties?.[PROPERTY]).data?.mark;
}

export function refOf(issue: { id: string; key: string }): IssueRef {
  return { id: issue.id, key: issue.key };
}

/** Two edits may carry the same time: they differ in what they show. */
function versioned(issue: Omit<Issue, 'version'>): Issue {
  const { title, body, status, priority, assignees, dueDate, updatedAt } = issue;
  const labels = issue.labels.toSorted();
  const shown = [updatedAt, title, body, status, labels, priority ?? null, assignees, dueDate ?? null];
  return { ...issue, version: createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 24) };
}

/** An issue in our words. `site` is where people see it. */
export function issueOf(
  wire: JiraIssue,
  markup: Markup,
  site: string,
  comments?: readonly IssueComment[],
): Issue {
  const { fields } = wire;
  const { body, block } = markup.read(fields.description);
  return versioned({
    ref: refOf(wire),
    url: `${site}/browse/${wire.key}`,
    title: fields.summary,
    body,
    block,
    status: statusOf(fields),
    labels: fields.labels ?? [],
    ...(fields.priority ? { priority: fields.priority.name } : {}),
    assignees: fields.assignee ? [userName(fields.assignee)] : [],
    ...(fields.duedate ? { dueDate: fields.duedate.slice(0, 10) } : {}),
    authorId: fields.creator ? userId(fields.creator) : '',
    createdAt: fields.created,
    updatedAt: fields.updated,
    ...(comments ? { comments } : {}),
  });
}

export function commentOf(wire: JiraComment, markup: Markup): IssueComment {
  return {
    id: wire.id,
    author: wire.author ? userName(wire.author) : 'somebody',
    text: markup.commentText(wire.body),
    createdAt: wire.created,
    updatedAt: wire.updated,
  };
}
