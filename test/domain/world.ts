import assert from 'node:assert/strict';
import { advance, baseOfCreate } from '../../src/domain/advance.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import type { Issue, IssueChange, StatusCategory } from '../../src/domain/issue.ts';
import { changeOf } from '../../src/domain/issue-change.ts';
import type { FieldKey, FieldState, Link, Op } from '../../src/domain/link.ts';
import type { Step } from '../../src/domain/plan.ts';
import { effectiveBase } from '../../src/domain/effective-base.ts';
import { reconcile, type Sides } from '../../src/domain/reconcile.ts';
import { isThreatStatus } from '../../src/domain/threat.ts';
import type { SubjectStatus, Threat, ThreatModel } from '../../src/domain/threat.ts';
import {
  asShown,
  issueValues,
  keysBetween,
  keysOf,
  put,
  type Shape,
  threatValues,
} from '../../src/domain/values.ts';
import { markdownFormat } from '../../src/providers/shared/markdown.ts';
import { known } from './rematch-samples.ts';

export const AT = '2026-03-01T10:00:00.000Z';
export const MODEL: Pick<ThreatModel, 'name' | 'source'> = {
  name: 'Payments',
  source: { path: 'docs/payments.json' },
};

const FORMAT = markdownFormat(65_536);

/** A tracker that can hold every field and speaks Markdown. */
export const SHAPE: Shape = {
  fields: new Set(['status', 'title', 'block', 'severity', 'priority', 'label:*']),
  showsActive: false,
  titleLimit: 120,
  blockLimit: 32_768,
  labels: ['threat-model'],
  title: (text, limit) => FORMAT.title(text, limit),
  block: (document, limit) => FORMAT.block(document, limit),
  canonTitle: (text) => FORMAT.canonTitle(text),
  canonBlock: (text) => FORMAT.canonBlock(text),
};

/** A threat; name only what the test is about. */
export function threatOf(
  content: Partial<Omit<Threat, 'status'>> = {},
  status: Threat['status'] = 'identified',
) {
  return known({ ...content, key: content.key ?? 'k' }, { status });
}

const STATUS_IDS: Record<StatusCategory, string> = {
  open: 'open',
  active: 'active',
  done: 'closed/completed',
  dropped: 'closed/not_planned',
};

export function trackerStatus(category: StatusCategory, id: string = STATUS_IDS[category]): Issue['status'] {
  return { category, id, name: id };
}

export function issueOf(given: Partial<Issue> = {}): Issue {
  return {
    ref: { id: 'I_1', key: '1' },
    url: 'https://tracker.example/1',
    version: '1',
    title: 'Threat: Something',
    body: '',
    block: { kind: 'absent' },
    status: trackerStatus('open'),
    labels: [],
    assignees: [],
    authorId: '7',
    createdAt: AT,
    updatedAt: AT,
    ...given,
  };
}

const same = (one: string) => (other: string) => one.toLowerCase() === other.toLowerCase();

/** What a tracker shows after it took a change: the smallest one there can be. */
export function written(issue: Issue, change: IssueChange): Issue {
  const kept = issue.labels.filter((label) => !(change.removeLabels ?? []).some(same(label)));
  const added = (change.addLabels ?? []).filter((label) => !kept.some(same(label)));
  const { status } = change;
  return {
    ...issue,
    labels: [...kept, ...added],
    ...(change.title === undefined ? {} : { title: change.title }),
    ...(change.block === undefined ? {} : { block: { kind: 'present', ...change.block } }),
    ...(change.priority === undefined ? {} : { priority: change.priority }),
    ...(status === undefined ? {} : { status: trackerStatus(status.category, status.id) }),
  };
}

/** One threat and one issue, and all that is known about the two. */
export interface World {
  threat: Threat;
  issue: Issue;
  link: Link;
  mapping: Mapping;
  shape: Shape;
  ops: readonly Op[];
  approved: boolean;
  /** What is done counts only once it was verified. */
  gate?: boolean;
}

export const LINK: Link = {
  id: '11111111-1111-4111-8111-111111111111',
  integrationId: 'integration',
  threatId: 'threat',
  role: 'threat',
  mitigationKey: '',
  state: 'linked',
  stateSince: AT,
  issue: { id: 'I_1', key: '1', url: 'https://tracker.example/1' },
  fields: {},
  lastOpenStatus: 'identified',
  closedByUs: false,
  failures: 0,
  version: 1,
  createdAt: AT,
};

/** A threat whose issue we have just created: both sides agree. */
export function linked(
  threat: Threat = threatOf(),
  policies: Partial<Mapping['policies']> = {},
  given: Partial<Mapping> = {},
): World {
  const mapping = {
    ...DEFAULT_MAPPING,
    ...given,
    policies: { status: 'ask', title: 'ask', block: 'ask', ...policies },
  } satisfies Mapping;
  const payload = { threat: threatValues(threat, SHAPE), issue: put(threat, MODEL, mapping, SHAPE) };
  const pushes = keysOf(payload.issue).map((field) => ({
    kind: 'push' as const,
    field,
    threat: null,
    from: null,
    to: payload.issue[field] ?? null,
  }));
  const issue = written(issueOf(), changeOf(pushes, issueOf(), mapping, 'mark'));
  const link = {
    ...LINK,
    lastOpenStatus: threat.status === 'mitigating' ? threat.status : LINK.lastOpenStatus,
    base: baseOfCreate(payload, mapping.version),
  };
  return { threat, issue, link, mapping, shape: SHAPE, ops: [], approved: false };
}

/** A threat and an issue that a person linked: no past. */
export function linkedByHand(threat: Threat, issue: Issue, policies?: Partial<Mapping['policies']>): World {
  return { ...linked(threat, policies), issue, link: LINK };
}

/** What a run would look at. */
export function sidesOf(world: World): Sides {
  const { threat, issue, link, mapping, shape, ops, approved, gate = false } = world;
  const wanted = put(threat, MODEL, mapping, shape);
  const keys = keysBetween(wanted, link.base, ops);
  const shown = issueValues(issue, mapping, shape, keys);
  return {
    link,
    threat: threatValues(threat, shape),
    issue: shown,
    put: asShown(threat, wanted, shown),
    ops,
    mapping,
    gate,
    approved,
  };
}

export function stepsOf(world: World): Step[] {
  return reconcile(sidesOf(world));
}

/** The steps of one field, whatever else there is to do. */
export function stepOf(world: World, field: FieldKey): Step | undefined {
  return stepsOf(world).find((step) => step.field === field);
}

export const CONFLICT_ID = 'conflict';

/** The link after its steps were recorded; without a step nothing is. */
export function recorded(world: World, steps: readonly Step[] = stepsOf(world)): Link {
  if (steps.length === 0) return world.link;
  const base = effectiveBase(world.link.base, sidesOf(world).issue, world.ops);
  const fields = steps.map((step) => [step.field, CONFLICT_ID] as const);
  return advance(base === undefined ? world.link : { ...world.link, base }, steps, {
    at: AT,
    mappingVersion: world.mapping.version,
    conflictIds: new Map(fields),
  });
}

/** What these steps change in the issue. */
export function changeFor(world: World, steps: readonly Step[] = stepsOf(world)): IssueChange {
  const pushes = steps.filter((step) => step.kind === 'push');
  return changeOf(pushes, world.issue, world.mapping, 'mark');
}

/** Reconcile, write, record: the world after one run. */
export function synced(world: World): World {
  const steps = stepsOf(world);
  const pull = steps.find((step) => step.kind === 'pull');
  return {
    ...world,
    issue: written(world.issue, changeFor(world, steps)),
    threat: pull === undefined ? world.threat : { ...world.threat, status: threatStatus(pull.to) },
    link: recorded(world, steps),
  };
}

/** Fails on the status of a mitigation. */
export function threatStatus(status: SubjectStatus): Threat['status'] {
  return isThreatStatus(status) ? status : assert.fail(`${status} is no status of a threat`);
}

/** The write of this run, told and not answered: what was sent, as it stands in its op. */
export function opOf(world: World, id = 'op'): Op {
  const threat: Partial<Record<FieldKey, string | null>> = {};
  const issue: Partial<Record<FieldKey, string | null>> = {};
  const from: Partial<Record<FieldKey, string | null>> = {};
  for (const step of stepsOf(world)) {
    if (step.kind !== 'push') continue;
    threat[step.field] = step.threat;
    issue[step.field] = step.to;
    from[step.field] = step.from;
  }
  return {
    id,
    linkId: world.link.id,
    integrationId: world.link.integrationId,
    kind: 'update',
    epoch: 1,
    runId: 'run',
    payload: { threat, issue, from, mark: 'mark' },
    state: 'open',
    absences: 0,
    createdAt: AT,
  };
}

/** The same world after a person said what to do about an open conflict, seeing these two values. */
export function chosen(world: World, field: FieldKey, keep: 'threat' | 'issue'): World {
  const sides = sidesOf(world);
  const choice = { keep, threat: sides.threat[field] ?? null, issue: sides.issue[field] ?? null };
  const state: FieldState = { kind: 'conflict', conflictId: CONFLICT_ID, since: AT, choice };
  return { ...world, link: { ...world.link, fields: { ...world.link.fields, [field]: state } } };
}

export function withThreat(
  world: World,
  content: Partial<Omit<Threat, 'status'>>,
  status?: Threat['status'],
) {
  const before: Partial<Threat> = world.threat;
  return { ...world, threat: threatOf({ ...before, ...content }, status ?? world.threat.status) };
}

export function withIssue(world: World, given: Partial<Issue>): World {
  return { ...world, issue: { ...world.issue, ...given } };
}

/** The baseline of one field on both sides. */
export function baseOf(world: Pick<World, 'link'>, field: FieldKey) {
  const { base } = world.link;
  return { threat: base?.threat[field] ?? null, issue: base?.issue[field] ?? null };
}
