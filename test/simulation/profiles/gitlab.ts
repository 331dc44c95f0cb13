import { startGitlabSimulator } from '../../../simulators/gitlab/index.ts';
import type { Ground, Profile, Project, Tracker } from './profile.ts';

/** gitlab.com: no compare-and-swap, and a deleted issue looks like one that is not for us. */
export const gitlab: Profile = { name: 'gitlab', tellsTexts: false, open };

async function open({ network, time, dice }: Ground): Promise<Tracker> {
  const simulator = await startGitlabSimulator({
    now: () => new Date(time.now()),
    random: () => dice.fraction(),
    net: network.netAt('https://gitlab.com', (answer) => void simulator.knobs.next({ answer })),
  });
  const { world } = simulator;
  return { addProject, webhooks: simulator.knobs.webhooks, tick: () => undefined };

  function addProject(name: string): Project {
    const project = `acme/${name}`;
    const token = `glpat-${name}`;
    const projectId = world.addProject({ path: project, members: { mona: 'maintainer' } });
    const { username: bot } = world.addProjectToken(project, { token, role: 'maintainer' });
    const at = (key: string) => ({ project, iid: Number(key) });
    const issueOf = (key: string) => world.issues(project).find((issue) => String(issue.iid) === key);
    const present = (key: string, act: () => void): void => {
      if (issueOf(key) !== undefined) act();
    };
    return {
      settings: {
        provider: 'gitlab',
        config: {
          baseUrl: 'https://gitlab.com/api/v4',
          projectId: String(projectId),
          labels: ['threat-model'],
        },
        credentials: { type: 'token', token },
      },
      secret: token,
      issues: () =>
        world.issues(project).map((issue) => ({
          id: String(issue.id),
          key: String(issue.iid),
          title: issue.title,
          text: issue.description,
          isOpen: issue.state === 'opened',
          labels: issue.labels,
          comments: issue.notes.map(({ body }) => body),
        })),
      people: {
        editTitle: (key, title) => present(key, () => world.editTitle(at(key), title)),
        addLine(key, line) {
          const issue = issueOf(key);
          if (issue !== undefined) world.editDescription(at(key), `${issue.description}\n\n${line}`);
        },
        writeInside(key, word) {
          const text = issueOf(key)?.description;
          if (text?.includes('<!-- tmi:end') !== true) return false;
          world.editDescription(at(key), text.replace('<!-- tmi:end', `${word}\n\n<!-- tmi:end`));
          return true;
        },
        close: (key) => present(key, () => world.close(at(key))),
        reopen: (key) => present(key, () => world.reopen(at(key))),
        addLabel: (key, label) => present(key, () => world.addLabel(at(key), label)),
        comment: (key, text) => present(key, () => void world.comment(at(key), text)),
        remove: (key) => present(key, () => world.deleteIssue(at(key))),
        copy(key) {
          const { title = 'Gone', description = '' } = issueOf(key) ?? {};
          return String(world.openIssue({ project, title, description }).iid);
        },
      },
      allow: (isAllowed) => world.setRole(project, bot, isAllowed ? 'maintainer' : 'none'),
    };
  }
}
