import { fc } from '../properties.ts';
import type { Issue } from '../../src/domain/issue.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import {
  chosen,
  linked,
  opOf,
  trackerStatus,
  withIssue,
  withThreat,
  written,
  changeFor,
  type World,
} from './world.ts';

/** Something that happens between two runs; `run` is a run. */
export type Move = ((world: World) => World) | 'run';

/** Cut where it is shown. */
const LONG = 'A title of so many words that no tracker shows them all. '.repeat(9);

const THEIRS = ['bug', 'Team A', 'tm', 'severity'];

/** A label that no mapping of ours can produce. */
export function isTheirs(label: string): boolean {
  return THEIRS.includes(label);
}

function labelled(world: World, change: (labels: readonly string[]) => string[]): World {
  return withIssue(world, { labels: change(world.issue.labels) });
}

const BLOCKS: Issue['block'][] = [
  { kind: 'present', mark: 'mark', text: 'My own words' },
  { kind: 'present', mark: 'mark', text: 'Other words of mine' },
  { kind: 'absent' },
  { kind: 'damaged', why: 'two begins' },
  linked().issue.block,
];

const OURS = [
  'threat-model',
  'stride-tampering',
  'severity-high',
  'severity-low',
  'tm-accepted',
  'tm-false-positive',
  'in progress',
];

const threatMoves: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom(...STATUSES).map(
    (status): Move =>
      (world) =>
        withThreat(world, {}, status),
  ),
  fc.constantFrom('Title one', 'Title two', 'Threat k', LONG).map(
    (title): Move =>
      (world) =>
        withThreat(world, { title }),
  ),
  fc.constantFrom('One', 'Two').map(
    (description): Move =>
      (world) =>
        withThreat(world, { description }),
  ),
  fc.constantFrom('high' as const, 'low' as const, 'unspecified' as const).map(
    (severity): Move =>
      (world) =>
        withThreat(world, { severity }),
  ),
  fc.constantFrom('Tampering', 'Spoofing').map(
    (value): Move =>
      (world) =>
        withThreat(world, { category: { taxonomy: 'STRIDE', values: [value] } }),
  ),
);

const peopleMoves: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom('open' as const, 'active' as const, 'done' as const, 'dropped' as const).map(
    (category): Move =>
      (world) =>
        withIssue(world, { status: trackerStatus(category) }),
  ),
  fc.constantFrom(...OURS, ...THEIRS).map(
    (label): Move =>
      (world) =>
        labelled(world, (labels) => (labels.includes(label) ? [...labels] : [...labels, label])),
  ),
  fc.constantFrom(...OURS).map(
    (label): Move =>
      (world) =>
        labelled(world, (labels) => labels.filter((each) => each !== label)),
  ),
  fc.constantFrom('Title of a person', 'Threat: Title one (Payments API)').map(
    (title): Move =>
      (world) =>
        withIssue(world, { title }),
  ),
  fc.constantFrom('P1', 'P9', undefined).map((priority): Move => (world) => {
    const issue = { ...world.issue };
    delete issue.priority;
    return { ...world, issue: priority === undefined ? issue : { ...issue, priority } };
  }),
  fc.constantFrom(...BLOCKS).map(
    (block): Move =>
      (world) =>
        withIssue(world, { block }),
  ),
);

/** A person opens the list of conflicts and chooses. */
const choices: fc.Arbitrary<Move> = fc
  .tuple(fc.constantFrom('status' as const, 'title' as const, 'block' as const), fc.boolean())
  .map(
    ([field, threat]): Move =>
      (world) =>
        world.link.fields[field]?.kind === 'conflict'
          ? chosen(world, field, threat ? 'threat' : 'issue')
          : world,
  );

/** The mapping learns a label for work in progress, or priorities, or forgets them. */
const mappings: fc.Arbitrary<Move> = fc
  .tuple(fc.boolean(), fc.boolean())
  .map(([progress, priorities]): Move => (world) => ({
    ...world,
    mapping: {
      ...world.mapping,
      version: world.mapping.version + 1,
      status: { byId: {}, toId: {}, byLabel: progress ? { 'in progress': 'mitigating' } : {} },
      severity: { ...world.mapping.severity, priorities: priorities ? { high: 'P1', low: 'P3' } : {} },
    },
  }));

/** A run dies after it told its write; the write arrives or not. Its op stays open, the older ones have settled. */
const lostAnswers: fc.Arbitrary<Move> = fc.boolean().map((arrives): Move => (world) => {
  const issue = arrives ? written(world.issue, changeFor(world)) : world.issue;
  return { ...world, issue, ops: [opOf(world)] };
});

export const moves: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: threatMoves, weight: 4 },
  { arbitrary: peopleMoves, weight: 5 },
  { arbitrary: choices, weight: 2 },
  { arbitrary: mappings, weight: 1 },
  { arbitrary: lostAnswers, weight: 1 },
);
