import { startAzureDevopsSimulator } from '../../../simulators/azure-devops/index.ts';
import { basic } from './profile.ts';
import type { Ground, Profile, Project, Tracker } from './profile.ts';

const ORGANIZATION = 'acme';

/** Azure DevOps Services: every write tests the revision. */
export const azureServices: Profile = {
  name: 'azure-services',
  tellsTexts: true,
  open: (ground) => open('https://dev.azure.com', {}, ground),
};

/** A collection of an Azure DevOps Server. */
export const azureServer: Profile = {
  name: 'azure-server',
  tellsTexts: true,
  open: (ground) => open('https://azure.example.com/tfs', { kind: 'server', apiVersion: 7.1 }, ground),
};

async function open(
  baseUrl: string,
  kind: { kind?: 'server'; apiVersion?: number },
  { network, time, dice }: Ground,
): Promise<Tracker> {
  const { origin } = new URL(baseUrl);
  const simulator = await startAzureDevopsSimulator({
    now: () => new Date(time.now()),
    random: () => dice.fraction(),
    net: network.netAt(origin, (answer) => void simulator.knobs.next({ answer })),
  });
  const { world } = simulator;
  world.addOrganization({ name: ORGANIZATION, ...kind });
  return { addProject, webhooks: simulator.knobs.webhooks, tick: () => undefined };

  function addProject(name: string): Project {
    const bot = `bot-${name}`;
    const token = `pat-${name}`;
    const [process, workItemType, todo, done] = dice.pick([
      ['Basic', 'Issue', 'To Do', 'Done'],
      ['Agile', 'Bug', 'New', 'Closed'],
      ['Scrum', 'Product Backlog Item', 'New', 'Done'],
    ] as const);
    world.addProject({
      organization: ORGANIZATION,
      name,
      process,
      administrators: [bot],
      contributors: ['mona'],
    });
    world.addUser({ login: bot, token });
    const field = workItemType === 'Bug' ? 'Microsoft.VSTS.TCM.ReproSteps' : 'System.Description';
    const at = (key: string) => ({ organization: ORGANIZATION, id: Number(key) });
    const itemOf = (key: string) => world.items(ORGANIZATION, name).find((item) => String(item.id) === key);
    const textOf = (key: string): string | undefined => {
      const item = itemOf(key);
      return item === undefined ? undefined : String(item.fields[field] ?? '');
    };
    const present = (key: string, act: () => void): void => {
      if (itemOf(key) !== undefined) act();
    };
    return {
      settings: {
        provider: 'azure_devops',
        config: { baseUrl, organization: ORGANIZATION, project: name, workItemType },
        credentials: { type: 'token', token },
      },
      secret: basic('', token),
      issues: () =>
        world.items(ORGANIZATION, name).map((item) => ({
          id: String(item.id),
          key: String(item.id),
          title: item.title,
          text: String(item.fields[field] ?? ''),
          isOpen: item.state !== done && item.state !== 'Removed',
          labels: item.tags,
          comments: item.comments.map(({ text }) => text),
        })),
      people: {
        editTitle: (key, title) => present(key, () => world.editTitle(at(key), title)),
        addLine(key, line) {
          const text = textOf(key);
          if (text !== undefined) world.setField(at(key), field, `${text}<p>${line}</p>`);
        },
        writeInside: () => false,
        close: (key) => present(key, () => world.setState(at(key), done)),
        reopen: (key) => present(key, () => world.setState(at(key), todo)),
        addLabel: (key, label) => present(key, () => world.addTag(at(key), label)),
        comment: (key, text) => present(key, () => void world.comment(at(key), text)),
        remove: (key) => present(key, () => world.deleteItem(at(key))),
        copy(key) {
          const { title = 'Gone' } = itemOf(key) ?? {};
          const fields = { [field]: textOf(key) ?? '' };
          return String(
            world.openItem({ organization: ORGANIZATION, project: name, type: workItemType, title, fields })
              .id,
          );
        },
      },
      allow: (isAllowed) =>
        world.setRole(
          { organization: ORGANIZATION, project: name },
          bot,
          isAllowed ? 'administrator' : 'none',
        ),
    };
  }
}
