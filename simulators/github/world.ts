/** What people do and see at GitHub, without HTTP: the other side of every test. */
import { accountOf } from './accounts.ts';
import type { AppWorld } from './app-world.ts';
import { newAppWorld } from './app-world.ts';
import * as comments from './comment-acts.ts';
import * as issues from './issue-acts.ts';
import type { NewRepository } from './repository-acts.ts';
import * as repositories from './repository-acts.ts';
import { newToken, type NewToken } from './tokens.ts';
import type { Account, HookDelivery, Issue, Permission, Repository, State, Visibility } from './state.ts';
import { newIds, stamp } from './state.ts';
import { snapshotOf, type IssueSnapshot } from './snapshot.ts';

interface RepositoryPlace {
  owner: string;
  repo: string;
}

interface IssuePlace extends RepositoryPlace {
  number: number;
}

interface NewIssueByPerson extends RepositoryPlace {
  title: string;
  body?: string;
  labels?: readonly string[];
  assignees?: readonly string[];
  by?: string;
}

/** Each act is done by the account `by`, or by the user `mona`, whatever its permission; it moves `updated_at` and tells the hooks. */
export interface GithubWorld extends AppWorld {
  /** A user and its first token. Classic with scope `repo`, unless `scopes` or `fineGrained` says otherwise. */
  addUser(user: NewToken): { id: number; nodeId: string };
  revokeToken(token: string): void;
  addRepository(repository: NewRepository): { id: number; nodeId: string };
  renameRepository(place: RepositoryPlace, name: string, by?: string): void;
  setVisibility(place: RepositoryPlace, visibility: Visibility, by?: string): void;
  archive(place: RepositoryPlace, by?: string): void;
  disableIssues(place: RepositoryPlace): void;
  /** `none` takes the account's own permission away; a public repository stays readable. */
  setPermission(place: RepositoryPlace, login: string, permission: Permission | 'none'): void;
  openIssue(issue: NewIssueByPerson): IssueSnapshot;
  openPullRequest(pull: NewIssueByPerson): IssueSnapshot;
  editTitle(place: IssuePlace, title: string, by?: string): void;
  /** Line ends become CRLF, as the web editor sends them. */
  editBody(place: IssuePlace, body: string, by?: string): void;
  close(place: IssuePlace, reason?: 'completed' | 'not_planned' | 'duplicate', by?: string): void;
  reopen(place: IssuePlace, by?: string): void;
  addLabel(place: IssuePlace, label: string, by?: string): void;
  removeLabel(place: IssuePlace, label: string, by?: string): void;
  assign(place: IssuePlace, logins: readonly string[], by?: string): void;
  /** `dueOn` is a day, such as `2026-12-31`; null takes the milestone away. */
  setMilestone(place: IssuePlace, milestone: { title: string; dueOn: string } | null, by?: string): void;
  /** Under which issue of its repository it is; null = under none. */
  setParent(place: IssuePlace, parent: number | null): void;
  /** Answers the comment's id. */
  comment(place: IssuePlace, body: string, by?: string): number;
  editComment(place: RepositoryPlace, id: number, body: string, by?: string): void;
  deleteComment(place: RepositoryPlace, id: number, by?: string): void;
  deleteIssue(place: IssuePlace, by?: string): void;
  /** Answers the issue in its new repository. */
  transferIssue(place: IssuePlace, to: RepositoryPlace, by?: string): IssueSnapshot;
  /** The issue as it is now; throws when there is none. */
  issue(owner: string, repo: string, number: number): IssueSnapshot;
  /** All issues, by number; no pull requests. */
  issues(owner: string, repo: string): IssueSnapshot[];
  /** The repository's hooks with their deliveries, oldest first; secrets left out. */
  hooks(owner: string, repo: string): HookSnapshot[];
}

interface HookSnapshot {
  id: number;
  url: string;
  active: boolean;
  events: readonly string[];
  deliveries: readonly HookDelivery[];
}

const ANYBODY = 'mona';

export function newWorld(state: State): GithubWorld {
  const repositoryAt = ({ owner, repo }: RepositoryPlace): Repository => {
    const found = repositories.findRepository(state, owner, repo);
    if (found === undefined) throw new Error(`there is no repository ${owner}/${repo}`);
    return found;
  };
  const issueAt = (place: IssuePlace): Issue => {
    const found = repositoryAt(place).issues.get(place.number);
    if (found === undefined)
      throw new Error(`there is no issue ${place.owner}/${place.repo}#${place.number}`);
    return found;
  };
  const actor = (by: string | undefined): Account => accountOf(state, by ?? ANYBODY);
  const commentAt = (place: RepositoryPlace, id: number): ReturnType<typeof mustFind> =>
    mustFind(repositoryAt(place), id);
  const open = (wish: NewIssueByPerson, isPullRequest: boolean): IssueSnapshot =>
    snapshotOf(
      state,
      issues.openIssue(state, repositoryAt(wish), actor(wish.by), {
        title: wish.title,
        body: wish.body === undefined ? null : webLines(wish.body),
        labels: wish.labels ?? [],
        assignees: (wish.assignees ?? []).map((login) => accountOf(state, login)),
        isPullRequest,
      }),
    );
  const relabel = (
    place: IssuePlace,
    by: string | undefined,
    change: (names: string[]) => string[],
  ): void => {
    const issue = issueAt(place);
    const names = issue.labels.map((label) => label.name);
    issues.setLabels(state, issue, actor(by), change(names));
  };

  return {
    ...newAppWorld(state),
    addUser: (user) => newToken(state, user),
    revokeToken(token) {
      const found = state.tokens.get(token);
      if (found !== undefined) found.revoked = true;
    },
    addRepository(wish) {
      const { id, nodeId } = repositories.addRepository(state, wish);
      return { id, nodeId };
    },
    renameRepository: (place, name, by) =>
      repositories.renameRepository(state, repositoryAt(place), actor(by), name),
    setVisibility: (place, visibility, by) =>
      repositories.setVisibility(state, repositoryAt(place), actor(by), visibility),
    archive: (place, by) => repositories.archiveRepository(state, repositoryAt(place), actor(by)),
    disableIssues(place) {
      repositoryAt(place).hasIssues = false;
    },
    setPermission(place, login, permission) {
      const { permissions } = repositoryAt(place);
      if (permission === 'none') permissions.delete(login.toLowerCase());
      else permissions.set(login.toLowerCase(), permission);
    },
    openIssue: (wish) => open(wish, false),
    openPullRequest: (wish) => open(wish, true),
    editTitle: (place, title, by) => issues.editIssue(state, issueAt(place), actor(by), { title }),
    editBody: (place, body, by) =>
      issues.editIssue(state, issueAt(place), actor(by), { body: webLines(body) }),
    close: (place, reason, by) =>
      issues.setState(state, issueAt(place), actor(by), 'closed', reason ?? 'completed'),
    reopen: (place, by) => issues.setState(state, issueAt(place), actor(by), 'open'),
    addLabel: (place, label, by) => relabel(place, by, (names) => [...names, label]),
    removeLabel: (place, label, by) =>
      relabel(place, by, (names) => names.filter((name) => !issues.sameName(name, label))),
    assign: (place, logins, by) =>
      issues.setAssignees(
        state,
        issueAt(place),
        actor(by),
        logins.map((login) => accountOf(state, login)),
      ),
    setMilestone(place, wish, by) {
      const creator = actor(by);
      const { milestones } = repositoryAt(place);
      if (wish === null) {
        issues.setMilestone(state, issueAt(place), creator, null);
        return;
      }
      const milestone = {
        ...newIds(state, 'MI'),
        number: milestones.length + 1,
        title: wish.title,
        dueOn: `${wish.dueOn}T00:00:00Z`,
        creator,
        createdAt: stamp(state),
      };
      milestones.push(milestone);
      issues.setMilestone(state, issueAt(place), creator, milestone);
    },
    setParent(place, parent) {
      const under = parent === null ? null : issueAt({ ...place, number: parent });
      issues.setParent(state, issueAt(place), under);
    },
    comment: (place, body, by) => comments.addComment(state, issueAt(place), actor(by), webLines(body)).id,
    editComment(place, id, body, by) {
      const { issue, comment } = commentAt(place, id);
      comments.editComment(state, issue, comment, actor(by), webLines(body));
    },
    deleteComment(place, id, by) {
      const { issue, comment } = commentAt(place, id);
      comments.deleteComment(state, issue, comment, actor(by));
    },
    deleteIssue: (place, by) => issues.deleteIssue(state, issueAt(place), actor(by)),
    transferIssue: (place, to, by) =>
      snapshotOf(state, issues.transferIssue(state, issueAt(place), actor(by), repositoryAt(to))),
    issue: (owner, repo, number) => snapshotOf(state, issueAt({ owner, repo, number })),
    issues: (owner, repo) =>
      [...repositoryAt({ owner, repo }).issues.values()]
        .filter((issue) => !issue.isPullRequest)
        .map((issue) => snapshotOf(state, issue)),
    hooks: (owner, repo) =>
      repositoryAt({ owner, repo }).hooks.map(({ id, config, active, events, deliveries }) => ({
        id,
        url: config.url,
        active,
        events: events.slice(),
        deliveries: deliveries.slice(),
      })),
  };
}

function mustFind(repository: Repository, id: number): NonNullable<ReturnType<typeof comments.findComment>> {
  const found = comments.findComment(repository, id);
  if (found === undefined) throw new Error(`there is no comment ${id}`);
  return found;
}

function webLines(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}
