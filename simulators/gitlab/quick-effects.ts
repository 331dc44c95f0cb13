import { accountOf } from './accounts.ts';
import type { Edit } from './issue-acts.ts';
import { cloneIssue, editIssue, moveIssue, setState } from './issue-acts.ts';
import { findProject } from './project-acts.ts';
import type { QuickAction } from './quick-actions.ts';
import type { Account, Issue, State } from './state.ts';

/** Does what quick actions say, and remembers that it did. Those without an effect of interest are only remembered. */
export function execute(state: State, issue: Issue, actor: Account, actions: readonly QuickAction[]): void {
  for (const action of actions) {
    state.executed.push({ ...action, by: actor.username, project: issue.project.path, iid: issue.iid });
    const edit = editOf(state, issue, actor, action);
    if (edit !== undefined) editIssue(state, issue, actor, edit);
    else act(state, issue, actor, action);
  }
}

function act(state: State, issue: Issue, actor: Account, { name, argument }: QuickAction): void {
  const target = findProject(state, argument === '' ? issue.project.path : argument);
  if (name === 'close' || name === 'duplicate' || name === 'promote') setState(state, issue, actor, 'closed');
  else if (name === 'reopen') setState(state, issue, actor, 'opened');
  else if (name === 'move' && target !== undefined && target !== issue.project)
    moveIssue(state, issue, actor, target);
  else if (name === 'clone' && target !== undefined) cloneIssue(state, issue, actor, target);
}

function editOf(
  state: State,
  issue: Issue,
  actor: Account,
  { name, argument }: QuickAction,
): Edit | undefined {
  const labels = labelNames(argument);
  const own = issue.labels.map((label) => label.name);
  switch (name) {
    case 'title':
      return argument === '' ? {} : { title: argument };
    case 'label':
    case 'labels':
      return { labels: [...own, ...labels] };
    case 'unlabel':
    case 'remove_label':
      return { labels: labels.length === 0 ? [] : own.filter((each) => !labels.includes(each)) };
    case 'relabel':
      return { labels };
    case 'assign':
      return { assignees: [...issue.assignees, ...named(state, actor, argument)] };
    case 'reassign':
      return { assignees: named(state, actor, argument) };
    case 'unassign':
      return { assignees: [] };
    case 'due':
      return /^\d{4}-\d{2}-\d{2}$/.test(argument) ? { dueDate: argument } : {};
    case 'remove_due_date':
      return { dueDate: null };
    case 'weight':
      return { weight: Number(argument) };
    case 'clear_weight':
      return { weight: null };
    case 'confidential':
      return { confidential: true };
    case 'lock':
      return { discussionLocked: true };
    case 'unlock':
      return { discussionLocked: false };
    default:
      return undefined;
  }
}

/** `~bug ~"two words"`. */
function labelNames(argument: string): string[] {
  return [...argument.matchAll(/~(?:"([^"]+)"|([^\s~,]+))/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function named(state: State, actor: Account, argument: string): Account[] {
  return [...argument.matchAll(/@([\w.-]+)|\bme\b/g)].map(([, username]) =>
    username === undefined ? actor : accountOf(state, username),
  );
}
