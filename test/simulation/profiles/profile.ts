import type { Knobs } from '../../../simulators/shared/rules.ts';
import type { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** What a tracker of the simulation is made on. */
export interface Ground {
  network: Network;
  time: VirtualTime;
  dice: Dice;
}

/** An issue as anybody sees it who looks. */
export interface SeenIssue {
  /** What the API calls immutable. */
  id: string;
  /** What people use. */
  key: string;
  title: string;
  text: string;
  isOpen: boolean;
  labels: readonly string[];
  comments: readonly string[];
}

/** What people do to one issue, by its key. Nothing happens to one that is not there any more. */
interface People {
  editTitle(key: string, title: string): void;
  /** A line of their own below everything. */
  addLine(key: string, line: string): void;
  /** Words inside our part of the text, where people can do that; false: they cannot. */
  writeInside(key: string, word: string): boolean;
  close(key: string, as: 'done' | 'dropped'): void;
  reopen(key: string): void;
  addLabel(key: string, label: string): void;
  comment(key: string, text: string): void;
  remove(key: string): void;
  /** A copy of everything, as "duplicate issue" makes it; answers its key. */
  copy(key: string): string;
}

/** One team's project at a tracker. */
export interface Project {
  settings: {
    provider: string;
    config: Readonly<Record<string, unknown>>;
    credentials: Readonly<Record<string, unknown>>;
  };
  /** Part of the `authorization` of our requests for this team, and for nobody else. */
  secret: string;
  issues(): readonly SeenIssue[];
  people: People;
  /** Our account loses its access, or gets it back. */
  allow(isAllowed: boolean): void;
}

/** One tracker with room for several teams. */
export interface Tracker {
  addProject(name: string): Project;
  webhooks: Knobs['webhooks'];
  /** Time has passed: the tracker tries again what it tries again. */
  tick(): void;
}

export interface Profile {
  name: string;
  /** A record of a text that a write went over holds its words; else it only says who wrote them and when. */
  tellsTexts: boolean;
  open(ground: Ground): Promise<Tracker>;
}

/** How our requests are signed with a token, as it stands in the header. */
export function basic(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}
