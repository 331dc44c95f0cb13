import { htmlPage, shown } from '../shared/html.ts';
import { findProject } from './project-acts.ts';
import type { Issue, State } from './state.ts';

/** What a person sees in a browser: the issues of a project, and one of them. Undefined: there is no such page. */
export function pageAt(state: State, path: string): string | undefined {
  const [place = '', noun = ''] = path
    .slice(new URL(state.url).pathname.replace(/\/$/, '').length + 1)
    .split('/-/');
  const project = findProject(state, place);
  if (project === undefined) return undefined;
  const [, number] = /^(?:issues|work_items)\/(\d+)$/.exec(noun) ?? [];
  if (number === undefined) {
    const lines = [...project.issues.values()].toReversed().map((issue) => lineOf(state, issue));
    return htmlPage(project.path, `<ul>${lines.join('')}</ul>`);
  }
  const issue = project.issues.get(Number(number));
  return issue === undefined ? undefined : htmlPage(`${issue.title} #${issue.iid}`, wordsOf(issue));
}

function lineOf(state: State, issue: Issue): string {
  const link = `${state.url}/${issue.project.path}/-/issues/${issue.iid}`;
  return `<li><a href="${shown(link)}">#${issue.iid} ${shown(issue.title)}</a> ${factsOf(issue)}</li>`;
}

/** The source of the text, not rendered: enough to look at. */
function wordsOf(issue: Issue): string {
  const notes = issue.notes.map(({ author, createdAt, body }) => said(author.username, createdAt, body));
  const first = said(issue.author.username, issue.createdAt, issue.description ?? '');
  return `<p>${factsOf(issue)}</p>${first}${notes.join('')}`;
}

function factsOf({ state, labels }: Issue): string {
  return `<strong>${state}</strong> ${labels.map(({ name }) => `<code>${shown(name)}</code>`).join(' ')}`;
}

function said(username: string, at: string, text: string): string {
  return `<h2>${shown(username)} <small>${at}</small></h2><pre>${shown(text)}</pre>`;
}
