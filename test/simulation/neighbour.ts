import { newCompany } from './company.ts';
import { chanceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { History, markedLinkOf } from './history.ts';
import { judgeEnd } from './oracles.ts';
import { inMemory } from './play-store.ts';
import type { Project, SeenIssue, Tracker } from './profiles/profile.ts';
import type { Neighbour, TimedAct } from './script.ts';
import { violated } from './stage.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
const PUBLIC_URL = 'https://neighbour.example.com';

/** A second installation: it has a database and a key of its own, and works in the first team's project. */
export interface NextDoor {
  stage: Stage;
  /** It begins, and what goes wrong with it too. */
  moveIn(): Promise<void>;
  perform(act: TimedAct): void;
  /** Everything comes to rest, and is judged. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** The second installation's side of the stage; nothing happens there yet. */
export function stageNextDoor(stage: Stage, { team, acts }: Neighbour, dice: Dice): Stage {
  return {
    ...stage,
    script: { ...stage.script, teams: [team], replicas: 1, acts, neighbour: undefined },
    network: stage.network.another(dice.fork('network')),
    store: inMemory({ clock: stage.time.clock(), chance: chanceOf(dice.fork('store-ids')) }),
    publicUrl: PUBLIC_URL,
    history: new History(),
    teams: [],
    jumps: [],
    linkIds: new Set(),
  };
}

/** One project, and what is in it for each of the two: issues that the second has made, and all the others. */
export function sharedBetween(tracker: Tracker, second: Stage): { first: Tracker; second: Tracker } {
  const isSeconds = (issue: SeenIssue): boolean => second.linkIds.has(markedLinkOf(issue) ?? '');
  const projects: Project[] = [];
  return {
    first: {
      ...tracker,
      addProject(name) {
        const project = tracker.addProject(name);
        projects.push(project);
        return { ...project, issues: () => project.issues().filter((issue) => !isSeconds(issue)) };
      },
    },
    second: {
      ...tracker,
      addProject() {
        const [project] = projects;
        if (project === undefined) throw new Error('the first installation has no project yet');
        return { ...project, issues: () => project.issues().filter(isSeconds) };
      },
    },
  };
}

/** Sets the second installation beside the first one, which is there already. */
export function newNextDoor(first: Stage, stage: Stage, tracker: Tracker, dice: Dice): NextDoor {
  const { time, network } = stage;
  const company = newCompany(stage, tracker, dice.fork('company'));
  const { receive, onChange } = first.network;
  first.network.receive = (url, headers, body) =>
    url.startsWith(PUBLIC_URL) ? network.receive(url, headers, body) : receive(url, headers, body);
  const theirs = network.onChange;
  first.network.onChange = (authorization) => {
    onChange(authorization);
    judgeUntouched(stage);
  };
  network.onChange = (authorization) => {
    theirs(authorization);
    judgeUntouched(first);
  };
  return {
    stage,
    async moveIn() {
      await company.found();
      company.troubleBegins();
      await time.run(time.now() + 3 * MINUTE_MS);
      await company.allowOthers();
    },
    perform: (act) => company.perform(act),
    async end() {
      await company.calm();
      judgeEnd(stage, await company.end());
    },
    close: () => company.close(),
  };
}

/** What one installation writes changes no issue of the other one. */
function judgeUntouched(stage: Stage): void {
  for (const team of stage.teams) {
    const now = team.project.issues();
    if (JSON.stringify(now) === JSON.stringify(team.seen)) continue;
    violated(stage, 'I8', `another installation changed an issue of ${stage.publicUrl}`);
    team.seen = now;
  }
}
