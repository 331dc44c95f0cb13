import type { z } from 'zod';
import type { TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf } from './answers.ts';
import { PROPERTY } from './convert.ts';
import type { JiraProject } from './project.ts';
import { jiraPage } from './wire.ts';

const PAGE = 100;
/** How many ids Jira reconciles with its index. */
const RECONCILED = 50;

/** Every field we read of an issue. */
export const ISSUE_FIELDS = [
  'summary',
  'description',
  'status',
  'resolution',
  'priority',
  'labels',
  'assignee',
  'creator',
  'duedate',
  'created',
  'updated',
  'project',
] as const;

export interface Query {
  jql: string;
  fields: readonly string[];
  maxResults?: number;
}

/** Where the next page begins: a token on Cloud, a count on Data Center. */
export type Place = string | number;

export interface Page<T> {
  issues: readonly T[];
  next: Place | undefined;
  answer: TrackerResponse;
}

/**
 * One page of a search. The index lags behind: on Cloud what we have just written is reconciled with it.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
 */
export async function searchPage<T>(
  project: JiraProject,
  query: Query,
  at: Place | undefined,
  issue: z.ZodType<T>,
  signal: AbortSignal,
): Promise<Page<T>> {
  const request = project.cloud ? cloudRequest(project, query, at) : serverRequest(project, query, at);
  const answer = await project.send(request, signal);
  const page = dataOf(answer, jiraPage(issue), 'search issues');
  const { issues, nextPageToken, startAt = 0, total = 0 } = page;
  if (project.cloud) return { issues, next: nextPageToken ?? undefined, answer };
  const end = startAt + issues.length;
  return { issues, next: issues.length > 0 && end < total ? end : undefined, answer };
}

function cloudRequest(
  project: JiraProject,
  { jql, fields, maxResults = PAGE }: Query,
  at: Place | undefined,
): TrackerRequest {
  const reconcileIssues = [...project.written].slice(-RECONCILED).map(Number);
  const json = {
    jql,
    fields,
    maxResults,
    ...(fields.includes('description') ? { properties: [PROPERTY] } : {}),
    ...(at === undefined ? {} : { nextPageToken: at }),
    ...(reconcileIssues.length === 0 ? {} : { reconcileIssues }),
  };
  return { method: 'POST', path: `${project.api}/search/jql`, json, reads: true };
}

/** Not validated, so that an id which is gone does not fail the whole search. */
function serverRequest(
  project: JiraProject,
  { jql, fields, maxResults = PAGE }: Query,
  at: Place | undefined,
): TrackerRequest {
  const json = { jql, fields, maxResults, startAt: at ?? 0, validateQuery: false };
  return { method: 'POST', path: `${project.api}/search`, json, reads: true };
}

/** Every page of a search. */
export async function* searchPages<T>(
  project: JiraProject,
  query: Query,
  issue: z.ZodType<T>,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let at: Place | undefined;
  do {
    const page: Page<T> = await searchPage(project, query, at, issue, signal);
    yield page.issues;
    at = page.next;
  } while (at !== undefined);
}

/** A value in JQL: quoted, nothing in it acts. */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
