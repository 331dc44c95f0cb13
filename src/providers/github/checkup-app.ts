import type { CheckItem } from '../../ports/tracker.ts';
import { answerOf } from '../shared/checkup-lines.ts';
import { refusalWords } from './answers.ts';
import type { GithubApp } from './app.ts';
import type { Identity } from './checkup-token.ts';
import { askBot, askInstallation } from './installation.ts';
import type { GithubProject } from './project.ts';
import { remedyOf } from './renewal.ts';
import { GithubInstallation, GithubUser } from './wire.ts';

/** Who we are as an App: the App itself is asked first, then its token has to show its account. */
export async function appIdentity(
  project: GithubProject,
  app: GithubApp,
  signal: AbortSignal,
): Promise<Identity> {
  const first = await answerOf(() => askInstallation(project, app, signal));
  if (first instanceof Error) return { first };
  const installation = GithubInstallation.safeParse(first.json).data;
  if (first.status !== 200 || installation === undefined)
    return { first, token: refused(refusalWords(first), remedyOf(first)) };
  const { app_slug: slug, suspended_at: suspendedAt, permissions } = installation;
  if (suspendedAt != null)
    return { first, token: refused(`The App ${slug} was suspended at ${suspendedAt}.`, UNSUSPEND) };
  const second = await answerOf(() => askBot(project, slug, signal));
  if (second instanceof Error) return { first, token: refused(second.message, 'Test again later.') };
  const account = GithubUser.safeParse(second.json).data;
  if (second.status !== 200 || account === undefined)
    return { first, token: refused(refusalWords(second), AGAIN) };
  const mayWrite = permissions['issues'] === 'write';
  return {
    first,
    account,
    token: { name: 'token', outcome: 'ok', detail: `The App ${slug} writes as ${account.login}.` },
    role: { push: mayWrite, triage: mayWrite, admin: false },
    lines: () => [scopes(permissions), EXPIRY, ...missing(permissions)],
  };
}

const UNSUSPEND = 'Unsuspend the App in the settings of the account it is installed on.';
const AGAIN = 'Test again: a new token is made for every test.';
const EXPIRY: CheckItem = {
  name: 'expiry',
  outcome: 'ok',
  detail: 'The key of an App has no end; its tokens last an hour and are renewed by us.',
};

function refused(detail: string, remedy: string): CheckItem {
  return { name: 'token', outcome: 'failed', detail, remedy };
}

type Permissions = GithubInstallation['permissions'];

function listed(permissions: Permissions): string {
  const all = Object.entries(permissions).map(([name, level]) => `${name} ${level}`);
  return all.join(', ') || 'none';
}

function scopes(permissions: Permissions): CheckItem {
  const name = 'scopes';
  const detail = `The App has these permissions: ${listed(permissions)}.`;
  if (permissions['issues'] !== 'write')
    return { name, outcome: 'failed', detail: `${detail} It lacks "issues write".`, remedy: GIVE_ISSUES };
  const broad = ['contents', 'administration', 'secrets', 'workflows', 'members'].filter(
    (each) => permissions[each] === 'write',
  );
  if (broad.length === 0) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail: `The App may do more than we need: ${broad.join(', ')}.`,
    remedy: 'Use an App of its own with Issues (read and write), Metadata (read), Webhooks (read and write).',
  };
}

const GIVE_ISSUES =
  'Give the App the repository permission Issues (read and write), and accept it where the App is installed.';
const GIVE_HOOKS =
  'Give the App the repository permission Webhooks (read and write) and accept it where the App is installed, or add the webhook by hand in the settings of the repository.';

/** Lines that stand in place of those that the repository's answer would give: a bot has no role to show there. */
function missing(permissions: Permissions): readonly CheckItem[] {
  const items: CheckItem[] = [];
  if (permissions['issues'] !== 'write') {
    const detail = 'The App may not write issues.';
    items.push({ name: 'create-issues', outcome: 'failed', detail, remedy: GIVE_ISSUES });
    items.push({ name: 'labels', outcome: 'failed', detail, remedy: GIVE_ISSUES });
  }
  if (permissions['repository_hooks'] !== 'write')
    items.push({
      name: 'webhook',
      outcome: 'warning',
      detail: 'The App may not manage webhooks; changes are found by polling until one is there.',
      remedy: GIVE_HOOKS,
    });
  return items;
}
