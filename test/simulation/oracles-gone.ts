import type { Link } from '../../src/domain/link.ts';
import { violated } from './stage.ts';
import type { Stage } from './stage.ts';

/** No product looks further back than this before it believes that an issue is gone. */
const REMEMBERED_MS = 60 * 60_000;

/** An issue that is there is not said to be deleted, unless two short lists have said so. */
export function judgeGone(stage: Stage, { integrationId, issue, stateReason = '' }: Link): void {
  const team = stage.teams.find((each) => each.integrationId === integrationId);
  const isThere = team?.project.issues().some(({ id }) => id === issue?.id) ?? false;
  if (!isThere) return;
  const short = stage.network.passages.filter(
    ({ fault, sentAt }) =>
      (fault === 'emptyList' || fault === 'halfPage') && sentAt > stage.time.now() - REMEMBERED_MS,
  );
  if (short.length < 2) violated(stage, 'I3', `issue ${issue?.key} is there and was let go: ${stateReason}`);
}
