import type { Issue, IssueRef, ReadOutcome } from '../domain/issue.ts';
import type { FieldKey, FieldValues, Link, Op, SideChange } from '../domain/link.ts';
import type { Step } from '../domain/plan.ts';
import { type Mention, mentionOf } from '../domain/parent.ts';
import { effectiveBase, type StuckStatus } from '../domain/effective-base.ts';
import { reconcile } from '../domain/reconcile.ts';
import { granularityOf } from '../domain/integration.ts';
import { isMitigation, KEYED_FORMATS, mitigationsToDo, type Subject } from '../domain/mitigations.ts';
import type { FieldTimes } from '../domain/winner.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import { asShown, issueValues, keysBetween, put, threatValues } from '../domain/values.ts';
import type { Tx } from '../ports/repositories.ts';
import { pastWrites, type PastWrites } from './past-writes.ts';
import type { ParentPair } from './parent-looks.ts';
import { subjectsOf } from './served.ts';
import { sharedIssues } from './shared-issues.ts';
import type { Session } from './session.ts';

/** One link with both sides as they are now. */
export interface Pair {
  link: Link;
  /** The threat, or that under which the issue of a mitigation stands. */
  threat: Threat;
  /** What the issue is about; undefined = a mitigation that has left the model. */
  subject: Subject | undefined;
  /** Issues of mitigations that the threat shares and that stand under others, by the mitigation's key. */
  elsewhere?: ReadonlyMap<string, Mention>;
  model: ThreatModel;
  ops: readonly Op[];
  /** What became of the issue; absent for links without one. */
  outcome?: ReadOutcome;
  /** What the tracker's history tells of the ops. */
  past?: PastWrites;
  /** When the issue was read, ISO. */
  readAt: string;
}

/** A pair whose issue was found, in comparable words, with what must be done about it. */
export interface Decided {
  pair: Pair;
  issue: Issue;
  threat: FieldValues;
  shown: FieldValues;
  put: FieldValues;
  steps: readonly Step[];
  stuck: StuckStatus;
  /** Who changed the fields of the issue that are in conflict, as far as the tracker tells. */
  authors?: ReadonlyMap<FieldKey, SideChange>;
  /** Some of its fields were looked at: the baselines keep the mapping they were agreed under. */
  isPartial?: true;
}

/** What is known of links before their issues are read. */
export interface Loaded {
  /** Links whose threat or model is gone are left out. */
  pairs: readonly Omit<Pair, 'readAt'>[];
  parents: readonly ParentPair[];
}

/** About so many links are worked together, between two looks at the lease. */
const CHUNK = 500;

/** How many links are loaded and read together: in full requests. */
export function chunkSize({ connection }: Session): number {
  const { readsPerRequest } = connection.capabilities;
  return Math.max(1, Math.floor(CHUNK / readsPerRequest)) * readsPerRequest;
}

/** The links, their threats, models and open ops, from the store. */
export async function loadPairs(tx: Tx, linkIds: readonly string[]): Promise<Loaded> {
  const all = await tx.links.many(linkIds);
  const links = all.filter((link) => link.role !== 'parent');
  const threats = new Map(
    (await tx.threats.many(links.map((link) => link.threatId))).map((each) => [each.id, each]),
  );
  const models = new Map<string, ThreatModel>();
  for (const modelId of new Set([...threats.values()].map((threat) => threat.modelId))) {
    const model = await tx.models.get(modelId);
    if (model !== undefined) models.set(modelId, model);
  }
  const ops = await tx.ops.open(linkIds);
  const subjects = await subjectsOf(tx, links, threats);
  const shared = await sharedIssues(tx, links, threats);
  const pairs: Omit<Pair, 'readAt'>[] = [];
  for (const link of links) {
    const threat = threats.get(link.threatId);
    const model = threat === undefined ? undefined : models.get(threat.modelId);
    if (threat === undefined || model === undefined) continue;
    const subject = subjects.get(link.id);
    const elsewhere = shared.get(link.id);
    pairs.push({
      link,
      threat,
      subject,
      ...(elsewhere === undefined ? {} : { elsewhere }),
      model,
      ops: ops.filter((op) => op.linkId === link.id),
    });
  }
  const parents: ParentPair[] = [];
  for (const link of all.filter((each) => each.role === 'parent')) {
    const model = await tx.models.get(link.threatId);
    parents.push({ link, model, ops: ops.filter((op) => op.linkId === link.id) });
  }
  return { pairs, parents };
}

/**
 * Read the issues of these pairs, as many per request as the tracker takes, and the history of those that cannot tell what
 * became of a write.
 */
export async function readIssues(
  session: Session,
  pairs: readonly Omit<Pair, 'readAt'>[],
  now: () => Date,
  signal: AbortSignal,
): Promise<Pair[]> {
  const size = session.connection.capabilities.readsPerRequest;
  const gathered: Pair[] = [];
  for (let from = 0; from < pairs.length; from += size) {
    const chunk = pairs.slice(from, from + size);
    const refs = chunk.flatMap(({ link }) => (link.issue === undefined ? [] : [refOf(link.issue)]));
    const outcomes =
      refs.length === 0 ? new Map<string, ReadOutcome>() : await session.tracker.read(refs, signal);
    const readAt = now().toISOString();
    const read = chunk.map((pair) => ({
      ...pair,
      outcome: pair.link.issue === undefined ? undefined : outcomes.get(pair.link.issue.id),
    }));
    const told = await pastWrites(session, read, signal);
    for (const { outcome, ...pair } of read) {
      const past = told.get(pair.link.id);
      gathered.push({
        ...pair,
        ...(outcome === undefined ? {} : { outcome }),
        ...(past === undefined ? {} : { past }),
        readAt,
      });
    }
  }
  return gathered;
}

/** Has the threat, or the mitigation, left its model? */
export function hasLeft({ threat, subject }: Pick<Pair, 'threat' | 'subject'>): boolean {
  return subject === undefined || (!isMitigation(subject) && threat.presence === 'missing');
}

/** Compare both sides of a pair whose issue was found. `approved`: a person asked for this run. */
export function decide(
  session: Session,
  pair: Pair,
  issue: Issue,
  approved: boolean,
  times?: FieldTimes,
): Decided {
  const { subject } = pair;
  // Nothing is left to compare with; what has left its model is said once.
  if (subject === undefined) return { pair, issue, threat: {}, shown: {}, put: {}, steps: [], stuck: 'no' };
  const { mapping, gate = false } = session.integration;
  const named = { parent: mentionOf(pair.link), elsewhere: pair.elsewhere };
  const threat = threatValues(subject, session.shape, named);
  const asked = put(subject, pair.model, mapping, session.shape, named);
  const keys = keysBetween(asked, pair.link.base, pair.ops);
  const shown = issueValues(issue, mapping, session.shape, keys);
  const wanted = asShown(subject, asked, shown);
  const stuck = stuckStatus(session, pair);
  const steps = reconcile({
    link: pair.link,
    threat,
    issue: shown,
    put: wanted,
    ops: pair.ops,
    ...pair.past,
    stuck,
    mapping,
    gate,
    hasOpenWork: hasOpenWork(session, pair),
    approved,
    ...(times === undefined ? {} : { times }),
  });
  return { pair, issue, threat, shown, put: wanted, steps, stuck };
}

/** Is a mitigation of this threat still to be done, in an issue of its own? */
function hasOpenWork({ integration }: Session, { subject, model }: Pair): boolean {
  if (granularityOf(integration) !== 'threat+mitigations' || !KEYED_FORMATS.includes(model.format))
    return false;
  return subject !== undefined && !isMitigation(subject) && mitigationsToDo(subject).length > 0;
}

/** For so long after a write was told, what it has left behind is taken for its own. */
const ON_THE_WAY_MS = 10 * 60 * 1000;

function stuckStatus({ connection }: Session, { ops, past, readAt }: Pair): StuckStatus {
  const told = ops.filter((op) => op.kind === 'update' && op.payload.issue.status !== undefined);
  const last = told.at(-1);
  if (!connection.capabilities.statusInSteps || last === undefined || past?.overtaken.has(last.id) === true)
    return 'no';
  const since = Date.parse(readAt) - ON_THE_WAY_MS;
  return told.some((op) => Date.parse(op.createdAt) >= since) ? 'surely' : 'perhaps';
}

/** The link with its baselines corrected by writes that turned out to have arrived. */
export function withEffectiveBase(decided: Decided): Link {
  const { link, ops, past } = decided.pair;
  const base = effectiveBase(link.base, decided.shown, ops, decided.stuck, past);
  return base === undefined ? link : { ...link, base };
}

function refOf(issue: { id: string; key: string }): IssueRef {
  return { id: issue.id, key: issue.key };
}
