import type { Plan, PlanItem } from './plan.ts';

/** What an integration did in the sliding hour, and how many links it has. */
export interface RecentWork {
  created: number;
  /** Statuses that were changed, and links that were let go. */
  closed: number;
  links: number;
}

const CLOSES_ALWAYS = 20;
/** A tenth of the links, but never fewer than five, stop a run. */
const CLOSES_SHARE = 0.1;
const CLOSES_FLOOR = 5;

/** Does this item close or reopen an issue, or write a status to the threat side? */
export function turnsStatus(item: PlanItem): boolean {
  return item.steps.some((step) => step.field === 'status' && (step.kind === 'push' || step.kind === 'pull'));
}

/** Does this item need a yes where the brake on closes holds? */
export function isBraked(item: PlanItem): boolean {
  return item.action === 'detach' || turnsStatus(item);
}

/** Which brakes these items trip, counting what was done in the last hour. Empty = go on. */
export function brakesFor(
  items: readonly PlanItem[],
  recent: RecentWork,
  maxCreates: number,
): Plan['brakes'] {
  const brakes: { code: 'creates' | 'closes'; message: string }[] = [];
  const creates = items.filter((item) => item.action === 'create').length;
  if (creates > 0 && recent.created + creates > maxCreates)
    brakes.push({
      code: 'creates',
      message: `${creates} new issues (${recent.created} in the last hour) are more than limits.creates = ${maxCreates} in an hour. Confirm with {"confirm":{"creates":${creates}}} or the plan's id.`,
    });
  const turns = items.filter(turnsStatus).length;
  const detaches = items.filter(({ action }) => action === 'detach').length;
  const share = Math.max(CLOSES_FLOOR - 1, Math.floor(recent.links * CLOSES_SHARE));
  const cap = Math.min(CLOSES_ALWAYS, share);
  const wanted = turns + detaches;
  if (wanted > 0 && recent.closed + wanted > cap)
    brakes.push({
      code: 'closes',
      message: `${inWords(turns, detaches)} (${recent.closed} in the last hour): more than ${cap} in an hour. Look at the plan and confirm it by its id.`,
    });
  return brakes;
}

function inWords(turns: number, detaches: number): string {
  if (detaches === 0) return `${turns} statuses would change`;
  const letGo = `${detaches} links would be let go because their issues were moved to another project`;
  return turns === 0 ? letGo : `${turns} statuses would change, and ${letGo}`;
}
