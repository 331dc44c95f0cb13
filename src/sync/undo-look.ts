import type { Issue } from '../domain/issue.ts';
import { threatOf } from '../domain/link.ts';
import { isMitigation } from '../domain/mitigations.ts';
import type { RunChange } from '../domain/run-change.ts';
import type { RunItem } from '../domain/run.ts';
import { type LeaveCode, undo } from '../domain/undo.ts';
import type { Tx } from '../ports/repositories.ts';
import { type Decided, decide, loadPairs, type Pair, readIssues } from './gather.ts';
import type { Parts } from './parts.ts';
import type { Session } from './session.ts';

/** What an undo leaves as it is, and why. */
export interface Left {
  linkId: string;
  threatId?: string;
  mitigationKey?: string;
  issueKey?: string;
  title?: string;
  /** Empty: the whole link. */
  fields: RunItem['fields'];
  code: LeaveCode | 'threat-removed' | 'issue-not-found' | 'linked-anew' | 'not-written';
  message: string;
}

/** The changes of one run in a few links, held against both sides as they are now. */
export interface UndoLook {
  decided: readonly Decided[];
  left: readonly Left[];
}

/** By link, oldest first. */
export function byLink(changes: readonly RunChange[]): ReadonlyMap<string, readonly RunChange[]> {
  return Map.groupBy(changes, ({ linkId }) => linkId);
}

/** Read both sides of these links and decide what can be taken back of that run. Writes nothing. */
export async function lookAtUndo(
  parts: Pick<Parts, 'store' | 'clock'>,
  session: Session,
  runId: string,
  changes: ReadonlyMap<string, readonly RunChange[]>,
  signal: AbortSignal,
): Promise<UndoLook> {
  const ids = [...changes.keys()];
  const known = await parts.store.tenant(session.tenantId).transact(async (tx) => {
    const { pairs } = await loadPairs(tx, ids);
    return { pairs, replaced: await replacedLinks(tx, pairs) };
  });
  const decided: Decided[] = [];
  const left: Left[] = ids
    .filter((id) => !known.pairs.some(({ link }) => link.id === id))
    .map((linkId) => ({
      linkId,
      fields: [],
      code: 'threat-removed',
      message: 'The threat was removed with its model.',
    }));
  for (const pair of await readIssues(session, known.pairs, () => parts.clock.now(), signal)) {
    const why = asideBecause(pair, known.replaced);
    if (why !== undefined || pair.outcome?.kind !== 'found') {
      left.push({ ...headOf(pair), fields: [], ...(why ?? NOT_FOUND) });
      continue;
    }
    const look = lookAtPair(session, pair, pair.outcome.issue, runId, changes.get(pair.link.id) ?? []);
    decided.push(look.decided);
    left.push(...look.left);
  }
  return { decided: decided.filter(({ steps }) => steps.length > 0), left };
}

const NOT_FOUND: Pick<Left, 'code' | 'message'> = {
  code: 'issue-not-found',
  message: 'The tracker does not show its issue now.',
};

function asideBecause(
  { link, outcome, subject }: Pair,
  replaced: ReadonlySet<string>,
): Pick<Left, 'code' | 'message'> | undefined {
  if (outcome?.kind !== 'found') return NOT_FOUND;
  if (subject === undefined)
    return { code: 'threat-removed', message: 'The mitigation is no longer in its model.' };
  return replaced.has(link.id) ? REPLACED : undefined;
}

const REPLACED: Pick<Left, 'code' | 'message'> = {
  code: 'linked-anew',
  message: 'The threat or the issue has another link by now.',
};

function lookAtPair(
  session: Session,
  pair: Pair,
  issue: Issue,
  runId: string,
  changes: readonly RunChange[],
): { decided: Decided; left: readonly Left[] } {
  const now = decide(session, pair, issue, false);
  const { threat, shown, put } = now;
  const { link, ops, past } = pair;
  const sides = { link, threat, issue: shown, put, ops, ...past };
  const { steps, left } = undo(runId, changes, sides);
  // An issue that a run made is taken back as a whole, or not at all.
  const isCreated = changes.some(({ kind }) => kind === 'create');
  return {
    decided: { ...now, steps, isPartial: true },
    left: left.map(({ field, code, message }) => ({
      ...headOf(pair),
      fields: isCreated ? [] : [field],
      code,
      message,
    })),
  };
}

function headOf({ link, subject, threat }: Pair): Omit<Left, 'fields' | 'code' | 'message'> {
  return {
    linkId: link.id,
    ...threatOf(link),
    title: subject !== undefined && isMitigation(subject) ? subject.mitigation.title : threat.title,
    ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
  };
}

/** Ended links in whose place another one stands: they cannot come back. */
async function replacedLinks(tx: Tx, pairs: readonly Omit<Pair, 'readAt'>[]): Promise<ReadonlySet<string>> {
  const ended = pairs.filter(({ link }) => link.state === 'detached').map(({ link }) => link);
  const replaced = new Set<string>();
  for (const link of ended) {
    const { id, integrationId, role, mitigationKey, issue } = link;
    const rivals = [
      ...(await tx.links.ofThreats([link.threatId])).filter(
        (other) => other.role === role && other.mitigationKey === mitigationKey,
      ),
      ...(issue === undefined ? [] : await tx.links.byIssues(integrationId, [issue.id])),
    ];
    const isReplaced = rivals.some(
      (other) => other.id !== id && other.integrationId === integrationId && other.state !== 'detached',
    );
    if (isReplaced) replaced.add(id);
  }
  return replaced;
}
