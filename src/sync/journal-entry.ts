import type { JournalEntry } from '../domain/event.ts';
import { threatOf } from '../domain/link.ts';
import { type Step, undoingOf } from '../domain/plan.ts';
import type { Undoing } from '../domain/undoing.ts';
import type { Decided } from './gather.ts';
import type { Work } from './work.ts';

/** What the journal keeps of a step that was carried out. */
export function entryOf(work: Work, decided: Decided, step: Step, at: string): JournalEntry {
  const { link } = decided.pair;
  const head = {
    at,
    actor: 'sync',
    runId: work.run.id,
    integrationId: link.integrationId,
    linkId: link.id,
    ...threatOf(link),
    field: step.field,
  };
  const name = step.field.startsWith('label:') ? 'label' : step.field;
  const undo = undoingOf(step);
  const how = undo === undefined ? {} : wordsOfUndo(name, undo);
  switch (step.kind) {
    case 'push':
      return { ...head, action: `${name}-pushed`, before: step.from, after: step.to, ...how };
    case 'pull':
      return {
        ...head,
        action: `${name}-pulled`,
        before: step.from,
        after: step.to,
        ...(step.awaits === true ? { note: 'The issue is closed as done, and awaits verification.' } : {}),
        ...how,
      };
    case 'restored':
      return { ...head, action: `${name}-undone`, after: step.issue, runId: step.runId, ...how };
    case 'agree':
      return step.over === undefined
        ? { ...head, action: `${name}-agreed`, after: step.issue }
        : { ...head, action: `${name}-overwritten`, before: step.over.issue, after: step.issue };
    case 'release':
      return { ...head, action: `${name}-released`, before: step.threat, after: step.issue };
    case 'leave':
      return { ...head, action: `${name}-left`, after: step.issue };
    case 'conflict':
      return { ...head, action: `${name}-conflict`, before: step.threat, after: step.issue };
    case 'stuck':
      return { ...head, action: `${name}-stuck`, after: step.to, note: step.reason };
    case 'withdraw':
      return { ...head, action: `${name}-withdrawn` };
    case 'question':
      return { ...head, action: `${name}-question`, after: step.issue };
  }
}

function wordsOfUndo(name: string, { crossed, runId }: Undoing): { action: string; note: string } {
  return crossed === true
    ? { action: `${name}-put-back`, note: 'Somebody wrote it in the moment before our write went over it.' }
    : { action: `${name}-undone`, note: `Undo of run ${runId}.` };
}
