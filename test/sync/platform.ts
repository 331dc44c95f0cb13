import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { GivenThreat } from '../../src/domain/canonical.ts';
import type { Link } from '../../src/domain/link.ts';
import { MITIGATION_STATUSES, type Threat } from '../../src/domain/threat.ts';
import type { IntegrationInput, UseCases } from '../../src/sync/use-cases.ts';
import type { House } from './house.ts';
import { newTeam } from './team.ts';
import type { Team } from './team.ts';

/** A threat of the platform's model; what is not told is as it mostly is. */
type Told = Partial<GivenThreat> & { key: string };

/** A team with a model of the platform, whose mitigations have keys. */
export interface Platform {
  team: Team;
  /** The model as it is now. */
  model(threats: readonly Told[], cases?: UseCases): Promise<void>;
  threat(key: string): Promise<Threat>;
  /** `M1 done`, in the threat's order. */
  mitigations(key: string): Promise<readonly string[]>;
  /** The GitHub issue of this threat, or mitigation. */
  issue(name: string): ReturnType<Team['issues']>[number];
  /** The living link of this threat, or mitigation. */
  link(name: string): Promise<Link>;
}

/** `M1`, or `M1 done`; with `*` it is shared. */
export function threat(key: string, mitigations: readonly string[], more: Partial<GivenThreat> = {}): Told {
  return { key, mitigations: mitigations.map(mitigation), ...more };
}

function mitigation(words: string): GivenThreat['mitigations'][number] {
  const [name = '', word = 'proposed'] = words.split(' ');
  const key = name.replace('*', '');
  const status = MITIGATION_STATUSES.find((each) => each === word) ?? assert.fail(`no status ${word}`);
  return { key, title: `Do ${key}`, status, shared: name.endsWith('*') };
}

function canonical(told: Told): GivenThreat {
  return {
    title: `Threat ${told.key}`,
    description: '',
    status: 'identified',
    severity: 'high',
    category: { taxonomy: 'STRIDE', values: [] },
    mitigations: [],
    references: [],
    tags: [],
    ...told,
  };
}

/** A team with a model of the platform; nothing was synchronised yet. */
export async function platform(
  house: House,
  integration: Partial<IntegrationInput>,
  threats: readonly Told[],
): Promise<Platform> {
  const team = await newTeam(house, { threats: [], integration });
  const id = randomUUID();
  const made: Platform = {
    team,
    async model(now, cases = house.useCases()) {
      const content = { name: 'Shop', threats: now.map(canonical) };
      await cases.models.put(team.caller, id, content, { confirm: true });
    },
    threat: async (key) =>
      (await team.transact((tx) => tx.threats.ofModel(id))).find((each) => each.key === key) ??
      assert.fail(`no threat ${key}`),
    mitigations: async (key) =>
      (await made.threat(key)).mitigations.map((each) => `${each.key} ${each.status}`),
    issue: (name) =>
      team.issues().find(({ title }) => isAbout(title, name)) ?? assert.fail(`no issue of ${name}`),
    async link(name) {
      const living = (await team.links()).filter(({ state }) => state !== 'detached');
      const ids = (await team.transact((tx) => tx.threats.ofModel(id))).filter((each) => each.key === name);
      return (
        living.find((link) => link.mitigationKey === name) ??
        living.find((link) => link.role === 'threat' && link.threatId === ids[0]?.id) ??
        assert.fail(`no link of ${name}`)
      );
    },
  };
  await made.model(threats);
  return made;
}

function isAbout(title: string, name: string): boolean {
  return title === `Threat: Threat ${name}` || title === `Mitigation: Do ${name}`;
}

/** A team whose first sync has ended. */
export async function syncedPlatform(
  house: House,
  integration: Partial<IntegrationInput>,
  threats: readonly Told[],
): Promise<Platform> {
  const made = await platform(house, integration, threats);
  const run = await made.team.sync();
  assert.equal(run.state, 'completed', run.error?.message);
  await made.team.settled();
  made.team.forget();
  return made;
}

/** A person closes the GitHub issue of this threat, or mitigation. */
export function close(made: Platform, name: string, reason: 'completed' | 'not_planned' = 'completed'): void {
  const { number } = made.issue(name);
  made.team.house.github.world.close(made.team.at(number), reason);
}

/** Another sync finds nothing to write. */
export async function assertQuiet({ team }: Platform): Promise<void> {
  team.forget();
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  assert.deepEqual(team.writes(), []);
}
