import type { AdfNode, Flavour } from '../../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../../simulators/jira/index.ts';
import { PROJECT_PERMISSIONS } from '../../../simulators/jira/state.ts';
import { basic } from './profile.ts';
import type { Ground, Profile, Project, Tracker } from './profile.ts';

const LONGEST_LAG_MS = 180_000;

/** Jira Cloud: a search that lags up to three minutes, documents instead of text, no compare-and-swap. */
export const jiraCloud: Profile = {
  name: 'jira-cloud',
  tellsTexts: true,
  open: (ground) => open('cloud', 'https://acme.atlassian.net', ground),
};

/** Jira Data Center: wiki markup, and its own search. */
export const jiraDataCenter: Profile = {
  name: 'jira-dc',
  tellsTexts: true,
  open: (ground) => open('data-center', 'https://jira.example.com', ground),
};

async function open(flavour: Flavour, origin: string, { network, time, dice }: Ground): Promise<Tracker> {
  const isCloud = flavour === 'cloud';
  const simulator = await startJiraSimulator({
    flavour,
    now: () => new Date(time.now()),
    random: () => dice.fraction(),
    net: network.netAt(origin, (answer) => void simulator.knobs.next({ answer })),
  });
  const { world, knobs } = simulator;
  knobs.indexLagMs = { min: 0, max: isCloud ? dice.between(0, LONGEST_LAG_MS) : dice.between(0, 5_000) };
  world.addUser({ name: 'mona' });
  let projects = 0;
  return { addProject, webhooks: knobs.webhooks, tick: () => void world.retryWebhooks() };

  function addProject(name: string): Project {
    projects += 1;
    const key = `TM${projects}`;
    const bot = `bot-${name}`;
    const secret = `token-${name}`;
    world.addUser({
      name: bot,
      ...(isCloud ? { apiToken: secret } : { personalAccessToken: secret }),
      admin: !isCloud,
    });
    const workflow = dice.pick(['simple', 'four-step', 'resolution-screen', 'team-managed'] as const);
    const { issueTypes } = world.addProject({ key, workflow, members: [bot, 'mona'] });
    const statuses = STATUSES[workflow];
    const issueOf = (issueKey: string) => world.issues(key).find((issue) => issue.key === issueKey);
    const present = (issueKey: string, act: () => void): void => {
      if (issueOf(issueKey) !== undefined) act();
    };
    return {
      settings: {
        provider: 'jira',
        config: { baseUrl: origin, projectKey: key, issueTypeId: issueTypes['Task'] ?? '10001' },
        credentials: isCloud
          ? { type: 'basic', username: `${bot}@example.com`, password: secret }
          : { type: 'token', token: secret },
      },
      secret: isCloud ? basic(`${bot}@example.com`, secret) : secret,
      issues: () =>
        world.issues(key).map((issue) => ({
          id: issue.id,
          key: issue.key,
          title: issue.summary,
          text: typeof issue.description === 'string' ? issue.description : JSON.stringify(issue.description),
          isOpen: issue.category !== 'done',
          labels: issue.labels,
          comments: issue.comments.map(({ body }) => JSON.stringify(body)),
        })),
      people: {
        editTitle: (at, title) => present(at, () => world.editSummary(at, title)),
        addLine(at, line) {
          const issue = issueOf(at);
          if (issue === undefined) return;
          const { description } = issue;
          if (!isCloud)
            world.editDescription(at, `${typeof description === 'string' ? description : ''}\n\n${line}`);
          else {
            const content =
              description === null || typeof description === 'string' ? [] : (description.content ?? []);
            world.editDescription(at, { type: 'doc', version: 1, content: [...content, paragraph(line)] });
          }
        },
        writeInside: () => false,
        close: (at, as) =>
          present(at, () =>
            world.setStatus(at, statuses.closed, { resolution: as === 'done' ? 'Done' : "Won't Do" }),
          ),
        reopen: (at) => present(at, () => world.setStatus(at, statuses.open)),
        addLabel: (at, label) => present(at, () => world.addLabel(at, label)),
        comment: (at, text) =>
          present(
            at,
            () =>
              void world.comment(
                at,
                isCloud ? { type: 'doc', version: 1, content: [paragraph(text)] } : text,
              ),
          ),
        remove: (at) => present(at, () => world.deleteIssue(at)),
        copy: (at) => (issueOf(at) === undefined ? at : world.cloneIssue(at).key),
      },
      allow: (isAllowed) => world.setPermissions(key, bot, isAllowed ? PROJECT_PERMISSIONS : []),
    };
  }
}

const STATUSES = {
  simple: { open: 'To Do', closed: 'Done' },
  'team-managed': { open: 'To Do', closed: 'Done' },
  'four-step': { open: 'Open', closed: 'Closed' },
  'resolution-screen': { open: 'Open', closed: 'Resolved' },
} as const;

function paragraph(text: string): AdfNode {
  return { type: 'paragraph', content: [{ type: 'text', text }] };
}
