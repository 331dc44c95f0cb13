/** GitHub's objects as GraphQL shows them; a function is a field that takes arguments or is made only when asked for. */
import type { Caller } from './accounts.ts';
import { permissionOf } from './accounts.ts';
import type { PageArguments } from './graphql-connection.ts';
import { connection, failure } from './graphql-connection.ts';
import type { IssuesArguments } from './graphql-issues.ts';
import { selectIssues } from './graphql-issues.ts';
import { sameName } from './issue-acts.ts';
import { fullName } from './repository-acts.ts';
import { htmlUrl, pageOf } from './shapes.ts';
import { type TimelineArguments, timelineOf } from './graphql-timeline.ts';
import type { Account, Comment, Issue, Label, Repository, State } from './state.ts';

type Node = Record<string, unknown>;

/** An account; here the login of an App's account lacks the `[bot]` that REST shows. */
export function accountNode(state: State, account: Account): Node {
  return {
    __typename: account.type,
    id: account.nodeId,
    databaseId: account.id,
    login: account.type === 'Bot' ? account.login.replace('[bot]', '') : account.login,
    name: account.name,
    url: pageOf(state, account),
    avatarUrl: `${state.url}/avatars/u/${account.id}`,
  };
}

export function labelNode(state: State, repository: Repository, label: Label): Node {
  return {
    __typename: 'Label',
    id: label.nodeId,
    name: label.name,
    color: label.color,
    description: label.description,
    isDefault: false,
    url: `${state.url}/${fullName(repository)}/labels/${encodeURIComponent(label.name)}`,
  };
}

export function repositoryNode(state: State, caller: Caller, repository: Repository): Node {
  const permission = permissionOf(repository, caller.account);
  const issues = (): Issue[] =>
    repository.hasIssues ? [...repository.issues.values()].filter((issue) => !issue.isPullRequest) : [];
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(repository),
    url: `${state.url}/${fullName(repository)}`,
    visibility: repository.visibility.toUpperCase(),
    isPrivate: repository.visibility !== 'public',
    isArchived: repository.archived,
    isDisabled: false,
    isLocked: false,
    hasIssuesEnabled: repository.hasIssues,
    viewerPermission: permission?.toUpperCase() ?? null,
    issue: ({ number }: { number: number }) => {
      const issue = issues().find((each) => each.number === number);
      if (issue !== undefined) return issueNode(state, caller, issue);
      throw failure('NOT_FOUND', `Could not resolve to an Issue with the number of ${number}.`);
    },
    issues: (wish: IssuesArguments & PageArguments) =>
      connection('issues', wish, selectIssues(issues(), wish), (issue) => issueNode(state, caller, issue)),
    label: ({ name }: { name: string }) => {
      const label = repository.labels.find((each) => sameName(each.name, name));
      return label === undefined ? null : labelNode(state, repository, label);
    },
    labels: (page: PageArguments) =>
      connection('labels', page, repository.labels, (label) => labelNode(state, repository, label)),
  };
}

export function issueNode(state: State, caller: Caller, issue: Issue): Node {
  const { repository } = issue;
  if (issue.isPullRequest)
    return {
      __typename: 'PullRequest',
      id: issue.nodeId,
      number: issue.number,
      title: issue.title,
      url: htmlUrl(state, issue),
    };
  const editor = issue.edits.at(-1)?.editor;
  return {
    __typename: 'Issue',
    id: issue.nodeId,
    databaseId: issue.id,
    fullDatabaseId: String(issue.id),
    number: issue.number,
    url: htmlUrl(state, issue),
    resourcePath: `/${fullName(repository)}/issues/${issue.number}`,
    title: issue.title,
    body: issue.body ?? '',
    bodyText: issue.body ?? '',
    state: issue.state.toUpperCase(),
    stateReason: ({ enableDuplicate }: { enableDuplicate?: boolean }) => reasonOf(issue, enableDuplicate),
    closed: issue.state === 'closed',
    closedAt: issue.closedAt,
    locked: false,
    author: accountNode(state, issue.author),
    editor: editor === undefined ? null : accountNode(state, editor),
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    lastEditedAt: issue.lastEditedAt,
    milestone: () => milestoneNode(state, issue),
    repository: () => repositoryNode(state, caller, repository),
    labels: (page: PageArguments) =>
      connection('labels', page, issue.labels, (label) => labelNode(state, repository, label)),
    assignees: (page: PageArguments) =>
      connection('assignees', page, issue.assignees, (account) => accountNode(state, account)),
    comments: (page: PageArguments & { orderBy?: { direction: 'ASC' | 'DESC' } | null }) =>
      connection('comments', page, ordered(issue.comments, page.orderBy?.direction), (comment) =>
        commentNode(state, caller, issue, comment),
      ),
    userContentEdits: (page: PageArguments) => editsOf(state, issue, page),
    timelineItems: (wish: TimelineArguments) =>
      timelineOf(issue, wish, (account) => accountNode(state, account)),
  };
}

export function commentNode(state: State, caller: Caller, issue: Issue, comment: Comment): Node {
  return {
    __typename: 'IssueComment',
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    author: accountNode(state, comment.author),
    body: comment.body,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: comment.lastEditedAt,
    url: `${htmlUrl(state, issue)}#issuecomment-${comment.id}`,
    issue: () => issueNode(state, caller, issue),
    viewerDidAuthor: comment.author === caller.account,
  };
}

/** Clients that do not ask for duplicates see them as not planned. */
function reasonOf(issue: Issue, enableDuplicate: boolean | undefined): string | null {
  if (issue.stateReason === 'duplicate' && enableDuplicate !== true) return 'NOT_PLANNED';
  return issue.stateReason?.toUpperCase() ?? null;
}

function milestoneNode(state: State, { milestone, repository }: Issue): Node | null {
  if (milestone === null) return null;
  return {
    __typename: 'Milestone',
    id: milestone.nodeId,
    number: milestone.number,
    title: milestone.title,
    dueOn: milestone.dueOn,
    state: 'OPEN',
    url: `${state.url}/${fullName(repository)}/milestone/${milestone.number}`,
  };
}

function ordered(comments: readonly Comment[], direction: 'ASC' | 'DESC' | undefined): Comment[] {
  if (direction === undefined) return comments.slice();
  const sign = direction === 'ASC' ? 1 : -1;
  return comments.toSorted(
    (one, other) => sign * (one.updatedAt.localeCompare(other.updatedAt) || one.id - other.id),
  );
}

/** Newest first; `diff` is the whole text after the edit. */
function editsOf(state: State, issue: Issue, page: PageArguments): Node {
  return connection('userContentEdits', page, issue.edits.toReversed(), (edit) => ({
    __typename: 'UserContentEdit',
    id: `UCE_${issue.nodeId}_${issue.edits.indexOf(edit)}`,
    createdAt: edit.editedAt,
    editedAt: edit.editedAt,
    updatedAt: edit.editedAt,
    diff: edit.body,
    editor: accountNode(state, edit.editor),
  }));
}
