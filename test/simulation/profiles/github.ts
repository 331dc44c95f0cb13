import { startGithubSimulator } from '../../../simulators/github/index.ts';
import type { Ground, Profile, Project, Tracker } from './profile.ts';

const OWNER = 'acme';

/** github.com: no compare-and-swap, listings that see the last write, deletions that are proven. */
export const github: Profile = { name: 'github', tellsTexts: true, open };

async function open({ network, time, dice }: Ground): Promise<Tracker> {
  const simulator = await startGithubSimulator({
    now: () => new Date(time.now()),
    random: () => dice.fraction(),
    net: network.netAt('https://api.github.com', (answer) => void simulator.knobs.next({ answer })),
  });
  const { world } = simulator;
  return { addProject, webhooks: simulator.knobs.webhooks, tick: () => undefined };

  function addProject(repo: string): Project {
    const login = `bot-${repo}`;
    const token = `ghp_of_${repo}`;
    world.addUser({ login, token });
    world.addRepository({ owner: OWNER, name: repo, visibility: 'private', admin: [login] });
    const at = (key: string) => ({ owner: OWNER, repo, number: Number(key) });
    const issueOf = (key: string) => world.issues(OWNER, repo).find((issue) => String(issue.number) === key);
    const textOf = (key: string): string | undefined => issueOf(key)?.body.replaceAll('\r\n', '\n');
    const present = (key: string, act: () => void): void => {
      if (issueOf(key) !== undefined) act();
    };
    return {
      settings: {
        provider: 'github',
        config: { baseUrl: 'https://api.github.com', owner: OWNER, repo, labels: ['threat-model'] },
        credentials: { type: 'token', token },
      },
      secret: token,
      issues: () =>
        world.issues(OWNER, repo).map((issue) => ({
          id: issue.nodeId,
          key: String(issue.number),
          title: issue.title,
          text: issue.body,
          isOpen: issue.state === 'open',
          labels: issue.labels,
          comments: issue.comments.map(({ body }) => body),
        })),
      people: {
        editTitle: (key, title) => present(key, () => world.editTitle(at(key), title)),
        addLine(key, line) {
          const text = textOf(key);
          if (text !== undefined) world.editBody(at(key), `${text}\n\n${line}`);
        },
        writeInside(key, word) {
          const text = textOf(key);
          if (text?.includes('<!-- tmi:end') !== true) return false;
          world.editBody(at(key), text.replace('<!-- tmi:end', `${word}\n\n<!-- tmi:end`));
          return true;
        },
        close: (key, as) =>
          present(key, () => world.close(at(key), as === 'done' ? 'completed' : 'not_planned')),
        reopen: (key) => present(key, () => world.reopen(at(key))),
        addLabel: (key, label) => present(key, () => world.addLabel(at(key), label)),
        comment: (key, text) => present(key, () => void world.comment(at(key), text)),
        remove: (key) => present(key, () => world.deleteIssue(at(key))),
        copy(key) {
          const issue = issueOf(key);
          const { title = 'Gone', body = '' } = issue ?? {};
          return String(world.openIssue({ owner: OWNER, repo, title, body }).number);
        },
      },
      allow: (isAllowed) => world.setPermission({ owner: OWNER, repo }, login, isAllowed ? 'admin' : 'none'),
    };
  }
}
