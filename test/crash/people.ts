import type { GithubSimulator } from '../../simulators/github/index.ts';
import type { Team } from './team.ts';

/** What people change, on which side. */
const ACTS = ['description', 'threat title', 'note', 'issue title', 'block', 'comment', 'close'] as const;
export type Act = (typeof ACTS)[number];

/** One change by a person; its value is found nowhere else. */
export interface Edit {
  act: Act;
  value: string;
  at: number;
  /** Of the threat side: the service has said yes. What is done in the tracker is done. */
  acknowledged: boolean;
}

/** Everything that people did to one threat and its issue, oldest first. */
export interface Story {
  team: Team;
  threatId: string;
  number: number;
  edits: Edit[];
}

export interface People {
  stories: ReadonlyMap<string, Story>;
  /** Somebody changes something somewhere; resolves when it is done or nobody answered. */
  act(which?: Act): Promise<void>;
  /** Everything under way has ended. */
  settled(): Promise<void>;
}

/** So many statuses may turn in an hour without a brake; people here stay below it. */
const CLOSES = 3;
/** Which issues get their title or our part edited by people: the others show that what the threat says arrives. */
const SHARE = 4;

export function newPeople(github: GithubSimulator, teams: readonly Team[], chance: () => number): People {
  const stories = new Map<string, Story>();
  const busy = new Map<string, Promise<void>>();
  const closes = new Map<Team, number>();
  let said = 0;

  const one = <T>(items: readonly T[]): T | undefined => items[Math.floor(chance() * items.length)];

  function storyOf(team: Team, { threatId, number }: { threatId: string; number: number }): Story {
    const known = stories.get(threatId);
    if (known !== undefined) return known;
    const fresh: Story = { team, threatId, number, edits: [] };
    stories.set(threatId, fresh);
    return fresh;
  }

  async function onThreat(story: Story, edit: Edit): Promise<void> {
    const patch = edit.act === 'description' ? { description: edit.value } : { title: edit.value };
    const told = await story.team.api.ask('PATCH', `/api/threats/${story.threatId}`, patch);
    edit.acknowledged = told?.status === 200;
  }

  function onIssue({ team, number }: Story, { act, value }: Edit): void {
    const { world } = github;
    const at = { ...team.place, number };
    const { body } = world.issue(team.place.owner, team.place.repo, number);
    if (act === 'note') world.editBody(at, `${value}\n\n${body}`);
    if (act === 'issue title') world.editTitle(at, value);
    if (act === 'block') world.editBody(at, body.replace('What to do', `What to do ${value}`));
    if (act === 'comment') world.comment(at, value);
    if (act === 'close') world.close(at, 'completed');
  }

  /** Nobody edits titles and our part of every issue, and few are closed. */
  function allowed(story: Story, act: Act): boolean {
    if (act === 'issue title') return story.number % SHARE === 0;
    if (act === 'block') return story.number % SHARE === 1;
    if (act !== 'close') return true;
    const { team } = story;
    const closed = closes.get(team) ?? 0;
    if (closed >= CLOSES || story.edits.some((edit) => edit.act === 'close')) return false;
    closes.set(team, closed + 1);
    return true;
  }

  return {
    stories,
    async act(which) {
      const team = one(teams);
      const pair = team === undefined ? undefined : one([...team.pairs.values()]);
      const act = which ?? one(ACTS);
      if (team === undefined || pair === undefined || act === undefined) return;
      const story = storyOf(team, pair);
      if (busy.has(pair.threatId) || !allowed(story, act)) return;
      said += 1;
      const value = `edit${said}x${Math.floor(chance() * 1e9).toString(36)}`;
      const isThreat = act === 'description' || act === 'threat title';
      const edit: Edit = { act, value, at: Date.now(), acknowledged: !isThreat };
      story.edits.push(edit);
      if (!isThreat) {
        onIssue(story, edit);
        return;
      }
      const work = onThreat(story, edit).finally(() => busy.delete(pair.threatId));
      busy.set(pair.threatId, work);
      await work;
    },
    async settled() {
      await Promise.all(busy.values());
    },
  };
}
