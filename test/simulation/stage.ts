import type { Integration } from '../../src/domain/integration.ts';
import type { Conflict, Link } from '../../src/domain/link.ts';
import type { Threat } from '../../src/domain/threat.ts';
import type { Caller } from '../../src/sync/use-cases.ts';
import type { History } from './history.ts';
import type { Network, Passage } from './network.ts';
import type { PlayStore, Rows } from './play-store.ts';
import type { Project, SeenIssue } from './profiles/profile.ts';
import type { Script } from './script.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A promise that was broken. */
interface Violation {
  invariant: string;
  detail: string;
}

/** One team with its model and its project. */
export interface Team {
  index: number;
  caller: Caller;
  modelId: string;
  integrationId: string;
  project: Project;
  threats: number;
  /** Copies that people have made: their marks are not ours. */
  copies: Set<string>;
  removed: Set<string>;
  written: { line: string; key: string }[];
  inside: { token: string; key: string }[];
  seen: readonly SeenIssue[];
  /** When a person started a sync. */
  asked: number[];
  /** When it was disabled and enabled, in order. */
  disabled: { at: number; enabled: boolean }[];
}

/** What a play leaves behind, for the oracles and for people. */
export interface Played {
  script: Script;
  violations: readonly Violation[];
  /** What was seen and is known not to be promised, such as an edit in the moment before our write. */
  notes: readonly string[];
  /** SHA-256 over all that happened: two plays of one script have the same. */
  trace: string;
  calls: number;
  writes: number;
  acts: number;
  lines: readonly string[];
  /** What was in the store at the end; only where the lines are told. */
  rows: Rows;
}

/** All that is on the stage while a script is played. */
export interface Stage {
  script: Script;
  time: VirtualTime;
  network: Network;
  store: PlayStore;
  /** How often idle processes look whether there is work. */
  pollMs: number;
  /** Where trackers reach this service. */
  publicUrl: string;
  history: History;
  teams: Team[];
  tellsTexts: boolean;
  violations: Violation[];
  notes: string[];
  lines: string[];
  /** When the database was put back, and to when; what people are promised of their edits does not hold then. */
  putBack: { at: number; to: number } | undefined;
  /** Whose clock was set while it ran, and when. */
  jumps: { of: string; at: number }[];
  /** Every link that this service has made. */
  linkIds: Set<string>;
  /** Deliveries that were answered with a promise to work them. */
  accepted: number;
}

/** What is there when everything has come to rest. */
export interface End {
  teams: readonly {
    team: Team;
    integration: Integration;
    links: readonly Link[];
    threats: readonly Threat[];
    conflicts: readonly Conflict[];
    /** Writes of one more full sync. */
    extraWrites: readonly Passage[];
    openDeliveries: number;
    deliveries: number;
    summary: string;
  }[];
}

/** Writes down that a promise was broken. */
export function violated(stage: Stage, invariant: string, detail: string): void {
  stage.violations.push({ invariant, detail });
}
