import type { Account, Issue, Project, Role, State, Token } from './state.ts';
import { LEVELS, newId, stamp } from './state.ts';

/** Who asks: nobody, or an account through one of its tokens. */
export interface Caller {
  account?: Account;
  token?: Token;
}

/** The account of a user name, made when it is new. */
export function accountOf(state: State, username: string, bot = false): Account {
  const known = state.accounts.get(username.toLowerCase());
  if (known !== undefined) return known;
  const account = { id: newId(state), username, name: username, bot, createdAt: stamp(state) };
  state.accounts.set(username.toLowerCase(), account);
  return account;
}

/** Access level of the account in the project: 0 for everybody else. */
export function levelOf(project: Project, account: Account | undefined): number {
  const role = account === undefined ? undefined : project.members.get(account);
  return role === undefined ? 0 : LEVELS[role];
}

/** Whether the account has at least this role. */
export function reaches(project: Project, account: Account | undefined, role: Role): boolean {
  return levelOf(project, account) >= LEVELS[role];
}

/** Whether the caller sees the project at all; otherwise GitLab says that it does not exist. */
export function canRead({ account }: Caller, project: Project): boolean {
  if (project.visibility === 'public') return true;
  if (account !== undefined && project.visibility === 'internal') return true;
  return reaches(project, account, 'guest');
}

/** Whether the project's issues are there for this account. */
export function canReadIssues(project: Project, account: Account | undefined): boolean {
  if (project.issuesAccess === 'disabled') return false;
  return project.issuesAccess === 'enabled' || reaches(project, account, 'guest');
}

/** Confidential issues are for planners and up, their authors and assignees. */
export function canReadIssue(issue: Issue, account: Account | undefined): boolean {
  if (!canReadIssues(issue.project, account)) return false;
  if (!issue.confidential || reaches(issue.project, account, 'planner')) return true;
  return account !== undefined && (issue.author === account || issue.assignees.includes(account));
}

/** Whether the account may change labels, assignees and dates, and other people's issues. */
export function mayManageIssues(project: Project, account: Account | undefined): boolean {
  return reaches(project, account, 'planner');
}

/** The good token of a request. `unknown`, `revoked` and `expired` are told apart, as GitLab does. */
export function tokenOf(
  state: State,
  headers: Readonly<Record<string, string | undefined>>,
  query: URLSearchParams,
): Token | 'none' | 'unknown' | 'revoked' | 'expired' {
  const bearer = /^bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const value =
    headers['private-token'] ?? bearer ?? query.get('private_token') ?? query.get('access_token') ?? '';
  if (value === '') return 'none';
  const token = state.tokens.get(value);
  if (token === undefined) return 'unknown';
  if (token.kind === 'oauth' && headers['private-token'] !== undefined) return 'unknown';
  if (token.revoked) return 'revoked';
  return token.expiresAt !== null && new Date(token.expiresAt) <= state.now() ? 'expired' : token;
}
