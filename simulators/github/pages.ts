import { htmlPage, shown } from '../shared/html.ts';
import { findRepository, fullName } from './repository-acts.ts';
import type { Comment, Issue, State } from './state.ts';

/** What a person sees in a browser: the issues of a repository, and one of them. Undefined: there is no such page. */
export function pageAt(state: State, path: string): string | undefined {
  const [, owner = '', name = '', noun, number] = path.split('/');
  const repository = findRepository(state, owner, name);
  if (repository === undefined || (noun !== undefined && noun !== 'issues')) return undefined;
  if (number === undefined) {
    const issues = [...repository.issues.values()].toReversed();
    return htmlPage(fullName(repository), `<ul>${issues.map(lineOf).join('')}</ul>`);
  }
  const issue = repository.issues.get(Number(number));
  return issue === undefined ? undefined : htmlPage(`${issue.title} #${issue.number}`, wordsOf(issue));
}

function lineOf(issue: Issue): string {
  const link = `/${fullName(issue.repository)}/issues/${issue.number}`;
  return `<li><a href="${shown(link)}">#${issue.number} ${shown(issue.title)}</a> ${factsOf(issue)}</li>`;
}

function wordsOf(issue: Issue): string {
  return `<p>${factsOf(issue)}</p>${said(issue.author.login, issue.createdAt, issue.body ?? '')}${issue.comments
    .map(({ author, createdAt, body }: Comment) => said(author.login, createdAt, body))
    .join('')}`;
}

function factsOf(issue: Issue): string {
  const reason = issue.stateReason === null ? '' : ` (${issue.stateReason})`;
  const labels = issue.labels.map((label) => `<code>${shown(label.name)}</code>`).join(' ');
  return `<strong>${issue.state}${reason}</strong> ${labels}`;
}

/** The source of the text, not rendered: enough to look at, and nothing in it can act. */
function said(login: string, at: string, text: string): string {
  return `<h2>${shown(login)} <small>${at}</small></h2><pre>${shown(text)}</pre>`;
}
