import type { Issue, IssueRef, ReadOutcome } from '../domain/issue.ts';
import type { FieldValues, Link, Op } from '../domain/link.ts';
import type { Step } from '../domain/plan.ts';
import { mentionOf } from '../domain/parent.ts';
import { effectiveBase, reconcile, type StuckStatus } from '../domain/reconcile.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import { issueValues, keysBetween, put, threatValues } from '../domain/values.ts';
import type { Tx } from '../ports/repositories.ts';
import type { ParentPair } from './parent-looks.ts';
import type { Session } from './session.ts';

/** One link with both sides as they are now. */
export interface Pair {
  link: Link;
  threat: Threat;
  model: ThreatModel;
  ops: readonly Op[];
  /** What became of the issue; absent for links without one. */
  outcome?: ReadOutcome;
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
}

/** What is known of links before their issues are read. */
export interface Loaded {
  /** Links whose threat or model is gone are left out. */
  pairs: readonly Omit<Pair, 'readAt'>[];
  parents: readonly ParentPair[];
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
  const pairs: Omit<Pair, 'readAt'>[] = [];
  for (const link of links) {
    const threat = threats.get(link.threatId);
    const model = threat === undefined ? undefined : models.get(threat.modelId);
    if (threat === undefined || model === undefined) continue;
    pairs.push({ link, threat, model, ops: ops.filter((op) => op.linkId === link.id) });
  }
  const parents: ParentPair[] = [];
  for (const link of all.filter((each) => each.role === 'parent')) {
    const model = await tx.models.get(link.threatId);
    parents.push({ link, model, ops: ops.filter((op) => op.linkId === link.id) });
  }
  return { pairs, parents };
}

/** Read the issues of these pairs, as many per request as the tracker takes. */
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
    for (const pair of chunk) {
      const outcome = pair.link.issue === undefined ? undefined : outcomes.get(pair.link.issue.id);
      gathered.push(outcome === undefined ? { ...pair, readAt } : { ...pair, outcome, readAt });
    }
  }
  return gathered;
}

/** Compare both sides of a pair whose issue was found. `approved`: a person asked for this run. */
export function decide(session: Session, pair: Pair, issue: Issue, approved: boolean): Decided {
  const { mapping } = session.integration;
  const parent = mentionOf(pair.link);
  const threat = threatValues(pair.threat, session.shape, parent);
  const wanted = put(pair.threat, pair.model, mapping, session.shape, parent);
  const keys = keysBetween(wanted, pair.link.base, pair.ops);
  const shown = issueValues(issue, mapping, session.shape, keys);
  const stuck = stuckStatus(session, pair);
  const steps = reconcile({
    link: pair.link,
    threat,
    issue: shown,
    put: wanted,
    ops: pair.ops,
    stuck,
    mapping,
    approved,
  });
  return { pair, issue, threat, shown, put: wanted, steps, stuck };
}

/** For so long after a write was told, what it has left behind is taken for its own. */
const ON_THE_WAY_MS = 10 * 60 * 1000;

function stuckStatus({ connection }: Session, { ops, readAt }: Pair): StuckStatus {
  const told = ops.filter((op) => op.kind === 'update' && op.payload.issue.status !== undefined);
  if (!connection.capabilities.statusInSteps || told.length === 0) return 'no';
  const since = Date.parse(readAt) - ON_THE_WAY_MS;
  return told.some((op) => Date.parse(op.createdAt) >= since) ? 'surely' : 'perhaps';
}

/** The link with its baselines corrected by writes that turned out to have arrived. */
export function withEffectiveBase(decided: Decided): Link {
  const { link, ops } = decided.pair;
  const base = effectiveBase(link.base, decided.shown, ops, decided.stuck);
  return base === undefined ? link : { ...link, base };
}

function refOf(issue: { id: string; key: string }): IssueRef {
  return { id: issue.id, key: issue.key };
}
