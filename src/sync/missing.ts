import { missingComment } from '../domain/issue-text.ts';
import type { ReadOutcome } from '../domain/issue.ts';
import { type Link, threatOf } from '../domain/link.ts';
import type { Dirty } from '../ports/repositories.ts';
import type { RunItem } from '../domain/run.ts';
import { commentOp, sendComments } from './comments.ts';
import type { Decided, Pair } from './gather.ts';
import { labelMissing } from './missing-label.ts';
import { later, nowOf, recording, type Work } from './work.ts';

type Absent = Exclude<ReadOutcome, { kind: 'found' }>;

/** More links than this gone at once, and more than a fifth of those read, is a fault of the tracker, not a deletion. */
const VALVE_COUNT = 5;
const VALVE_SHARE = 0.2;

/** A link that is let go because its issue is in another project. */
const MOVED_AWAY = 'issue-moved-away';

/** Would believing these absences be foolish? */
export function tooManyAbsent(absent: number, read: number): boolean {
  return absent > VALVE_COUNT && absent > read * VALVE_SHARE;
}

/** What becomes of a link whose issue was not found where it was. */
export async function recordAbsence(
  work: Work,
  pair: Pick<Pair, 'link'>,
  outcome: Absent,
  taken: Dirty | undefined,
): Promise<void> {
  const at = nowOf(work);
  const { link } = pair;
  const next = afterAbsence(work, link, outcome, at);
  await recording(work, async (tx) => {
    // Somebody was quicker: the mark stays, and the next look is at what they left.
    if (!(await tx.links.update(next.link))) return;
    if (next.link.state !== link.state)
      await tx.journal.add([
        {
          at,
          actor: 'sync',
          action: next.code === MOVED_AWAY ? 'link-moved-away' : `link-${next.link.state}`,
          runId: work.run.id,
          integrationId: link.integrationId,
          linkId: link.id,
          ...threatOf(link),
          ...(next.link.stateReason === undefined ? {} : { note: next.link.stateReason }),
        },
      ]);
    await tx.runs.addItems([itemOf(work, pair, next.code, next.message)]);
    if (next.againAt !== undefined) await tx.dirty.defer(link.integrationId, link.id, next.againAt);
    else if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
  });
  work.tally.add('skipped');
}

/** Everything seems gone: nothing is believed, the links are looked at again later. */
export async function disbelieve(work: Work, pairs: readonly Pair[]): Promise<void> {
  const dueAt = later(work, work.parts.timings.missingGapMs);
  const message = `${pairs.length} issues seem to be gone at once; that is not believed. They are read again later.`;
  const lastError = { code: 'too-many-gone', message, at: nowOf(work) };
  await recording(work, async (tx) => {
    for (const { link } of pairs) {
      await tx.links.update({ ...link, failures: Math.max(1, link.failures), lastError });
      await tx.dirty.defer(link.integrationId, link.id, dueAt);
    }
    await tx.runs.addItems(pairs.map((pair) => itemOf(work, pair, 'too-many-gone', message)));
  });
  work.tally.add('skipped', pairs.length);
}

interface Absence {
  link: Link;
  code: string;
  message: string;
  againAt?: string;
}

function afterAbsence(work: Work, link: Link, outcome: Absent, at: string): Absence {
  switch (outcome.kind) {
    case 'gone':
      return gone(link, at, `Its issue was deleted (${outcome.proof}).`);
    case 'hidden':
      return hidden(work, link, outcome.reason, at);
    case 'moved': {
      const to = `It was moved to ${outcome.url}.`;
      const moved = { ...link, issue: { ...outcome.to, url: outcome.url }, stateSince: at, stateReason: to };
      return outcome.sameProject
        ? { link: { ...moved, state: 'linked' }, code: 'issue-moved', message: to, againAt: later(work, 0) }
        : {
            link: {
              ...moved,
              state: 'detached',
              stateReason: `${to} That is outside this integration's project.`,
            },
            code: MOVED_AWAY,
            message: to,
          };
    }
  }
}

/** Not found may mean no access: believed only twice, with time between, while project and credential work. */
function hidden(work: Work, link: Link, reason: string, at: string): Absence {
  const gapMs = work.parts.timings.missingGapMs;
  const since = link.missingSince;
  if (since === undefined)
    return {
      link: { ...link, missingSince: at },
      code: 'issue-hidden',
      message: `${reason} It is looked for again before it is believed to be deleted.`,
      againAt: later(work, gapMs),
    };
  const elapsed = work.parts.clock.now().getTime() - Date.parse(since);
  if (elapsed >= gapMs) return gone(link, at, `Its issue was not found twice (${reason}).`);
  return { link, code: 'issue-hidden', message: reason, againAt: later(work, gapMs - elapsed) };
}

function gone(link: Link, at: string, reason: string): Absence {
  return {
    link: { ...link, state: 'issue-gone', stateSince: at, stateReason: reason },
    code: 'issue-gone',
    message: reason,
  };
}

function itemOf(work: Work, { link }: Pick<Pair, 'link'>, code: string, message: string): RunItem {
  return {
    runId: work.run.id,
    linkId: link.id,
    ...threatOf(link),
    ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
    outcome: 'skipped',
    fields: [],
    reason: { code, message },
    at: nowOf(work),
  };
}

/** The threat has left its model: said once, nothing is closed. After the grace time it is, where configured. */
export async function recordThreatGone(
  work: Work,
  decided: Decided,
  taken: Dirty | undefined,
): Promise<void> {
  if (!(await labelMissing(work, decided, true))) return;
  const at = nowOf(work);
  const { link, model } = decided.pair;
  const what = link.role === 'mitigation' ? link.role : 'threat';
  const comment = commentOp(work, link, 'threat-missing', missingComment(model, what));
  await recording(work, async (tx) => {
    const current = await tx.links.get(link.id);
    if (current === undefined || current.state !== 'linked') return;
    const stateReason = `The ${what} is no longer in "${model.name}".`;
    await tx.links.update({ ...current, state: 'threat-gone', stateSince: at, stateReason });
    await tx.ops.insert(comment);
    if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
    if (work.session.integration.mapping.missing === 'close')
      await tx.dirty.mark(link.integrationId, [
        { linkId: link.id, reason: 'threat', dueAt: later(work, work.parts.timings.graceMs) },
      ]);
  });
  await sendComments(work, decided.issue, [comment], false);
}

/** The threat is back, or its issue was found again: the pair goes on from its baselines, reopened if we had closed it. */
export function returned(link: Link, at: string): Link {
  const base =
    link.closedByUs && link.base !== undefined
      ? { ...link.base, threat: { ...link.base.threat, status: null } }
      : link.base;
  const { missingSince: _, stateReason: __, ...rest } = link;
  return {
    ...rest,
    ...(base === undefined ? {} : { base }),
    state: 'linked',
    stateSince: at,
    closedByUs: false,
  };
}
