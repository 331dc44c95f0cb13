import { startAzureDevopsSimulator } from './azure-devops/index.ts';
import { startGithubSimulator } from './github/index.ts';
import { startGitlabSimulator } from './gitlab/index.ts';
import { startJiraSimulator } from './jira/index.ts';
import type { Flavour } from './jira/index.ts';
import type { Net } from './shared/net.ts';

const BOT = 'threat-bot';

/** One simulated tracker, ready to be connected: what an integration needs, and what people do and see there. */
export interface Furnished {
  title: string;
  provider: 'github' | 'gitlab' | 'jira' | 'azure_devops';
  /** The `config` and `credentials` of an integration. */
  config: Readonly<Record<string, unknown>>;
  credentials: Readonly<Record<string, unknown>>;
  /** The issues as people see them. */
  issues(): readonly { key: string; title: string; isClosed: boolean }[];
  /** A person closes one as done. */
  close(key: string): void;
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** `generous`: no limit is felt. `published`: those of the vendors' services. */
type Pace = 'generous' | 'published';

export interface Shelf {
  pace: Pace;
  /** The first port, then the next ones; any free ones if left out. */
  firstPort?: number;
  /** The machine's clock if left out. */
  now?: () => Date;
  /** Where one answers, by its address on the Internet; loopback if left out. */
  netAt?: (url: string) => Net;
}

/** All simulated trackers, each with an account `threat-bot` and an empty private project. */
export async function furnishAll(shelf: Shelf): Promise<Furnished[]> {
  return [
    await github(shelf),
    await gitlab(shelf),
    await jira(shelf, 'data-center'),
    await azureDevops(shelf, 'server'),
  ];
}

/** Those that are known by their address on the Internet, and the servers of one's own. */
export async function furnishFaces(shelf: Shelf & Required<Pick<Shelf, 'netAt'>>): Promise<Furnished[]> {
  return [
    await github(shelf),
    await gitlab(shelf),
    await jira(shelf, 'cloud'),
    await jira(shelf, 'data-center'),
    await azureDevops(shelf, 'services'),
    await azureDevops(shelf, 'server'),
  ];
}

interface Placed {
  port?: number;
  now?: () => Date;
  net?: Net;
}

function placeOf({ firstPort, now, netAt }: Shelf, index: number, address: string): Placed {
  return {
    ...(firstPort === undefined ? {} : { port: firstPort + index }),
    ...(now === undefined ? {} : { now }),
    ...(netAt === undefined ? {} : { net: netAt(address) }),
  };
}

async function github(shelf: Shelf): Promise<Furnished> {
  const limits = shelf.pace === 'generous' ? 'generous' : 'github';
  const place = placeOf(shelf, 0, 'https://api.github.com');
  const simulator = await startGithubSimulator({ ...place, limits });
  const { world } = simulator;
  const [owner, repo, token] = ['acme', 'payments', 'ghp_simulator'];
  world.addUser({ login: BOT, token });
  world.addRepository({ owner, name: repo, admin: [BOT] });
  // Elsewhere than on github.com the API lies below a path.
  const baseUrl = place.net === undefined ? `${simulator.url}/api/v3` : simulator.url;
  return {
    title: 'GitHub',
    provider: 'github',
    config: { baseUrl, owner, repo, labels: ['threat-model'] },
    credentials: { type: 'token', token },
    issues: () =>
      world.issues(owner, repo).map((issue) => ({
        key: String(issue.number),
        title: issue.title,
        isClosed: issue.state === 'closed',
      })),
    close: (key) => world.close({ owner, repo, number: Number(key) }, 'completed'),
    settled: () => simulator.settled(),
    stop: () => simulator.close(),
  };
}

async function gitlab(shelf: Shelf): Promise<Furnished> {
  const limits = shelf.pace === 'generous' ? 'generous' : 'gitlab.com';
  const simulator = await startGitlabSimulator({ ...placeOf(shelf, 1, 'https://gitlab.com'), limits });
  const { world } = simulator;
  const [path, token] = ['acme/payments', 'glpat-simulator'];
  const projectId = world.addProject({ path, members: { mona: 'developer' } });
  world.addProjectToken(path, { token, role: 'maintainer' });
  return {
    title: 'GitLab',
    provider: 'gitlab',
    config: { baseUrl: `${simulator.url}/api/v4`, projectId: String(projectId), labels: ['threat-model'] },
    credentials: { type: 'token', token },
    issues: () =>
      world
        .issues(path)
        .map((issue) => ({ key: String(issue.iid), title: issue.title, isClosed: issue.state === 'closed' })),
    close: (key) => world.close({ project: path, iid: Number(key) }),
    settled: () => simulator.settled(),
    stop: () => simulator.close(),
  };
}

/** On loopback Jira is a Data Center: a site of Jira Cloud is known by its name. */
async function jira(shelf: Shelf, flavour: Flavour): Promise<Furnished> {
  const limits = shelf.pace === 'generous' ? 'generous' : 'jira';
  const isCloud = flavour === 'cloud';
  const address = isCloud ? 'https://acme.atlassian.net' : 'https://jira.acme.test';
  const simulator = await startJiraSimulator({ ...placeOf(shelf, 2, address), limits, flavour });
  const { world } = simulator;
  const [projectKey, token] = ['TM', 'jira-simulator'];
  world.addUser({
    name: BOT,
    ...(isCloud ? { apiToken: token } : { personalAccessToken: token, admin: true }),
  });
  world.addUser({ name: 'mona' });
  const project = { key: projectKey, name: 'Payments', workflow: 'simple', members: [BOT, 'mona'] } as const;
  const issueTypeId = world.addProject(project).issueTypes['Task'] ?? '10001';
  return {
    title: isCloud ? 'Jira Cloud' : 'Jira Data Center',
    provider: 'jira',
    config: { baseUrl: simulator.url, projectKey, issueTypeId },
    credentials: isCloud
      ? { type: 'basic', username: `${BOT}@example.com`, password: token }
      : { type: 'token', token },
    issues: () =>
      world
        .issues(projectKey)
        .map((issue) => ({ key: issue.key, title: issue.summary, isClosed: issue.category === 'done' })),
    close: (key) => world.setStatus(key, 'Done'),
    settled: () => simulator.settled(),
    stop: () => simulator.close(),
  };
}

async function azureDevops(shelf: Shelf, kind: 'services' | 'server'): Promise<Furnished> {
  const limits = shelf.pace === 'generous' ? 'generous' : 'azure';
  const isServices = kind === 'services';
  const address = isServices ? 'https://dev.azure.com' : 'https://azure.acme.test';
  const simulator = await startAzureDevopsSimulator({ ...placeOf(shelf, 3, address), limits });
  const { world } = simulator;
  const [organization, project, token] = ['acme', 'Payments', 'azure-simulator'];
  world.addUser({ login: BOT, token });
  world.addUser({ login: 'mona' });
  world.addOrganization({ name: organization, kind, administrators: [BOT] });
  world.addProject({ organization, name: project, administrators: [BOT], contributors: ['mona'] });
  return {
    title: isServices ? 'Azure DevOps Services' : 'Azure DevOps Server',
    provider: 'azure_devops',
    config: {
      baseUrl: isServices ? simulator.url : `${simulator.url}/tfs`,
      organization,
      project,
      workItemType: 'Issue',
    },
    credentials: { type: 'token', token },
    issues: () =>
      world
        .items(organization, project)
        .map((item) => ({ key: String(item.id), title: item.title, isClosed: item.state === 'Done' })),
    close: (key) => world.setState({ organization, id: Number(key) }, 'Done'),
    settled: () => simulator.settled(),
    stop: () => simulator.close(),
  };
}
