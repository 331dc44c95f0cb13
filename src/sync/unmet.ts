import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Run, RunItem } from '../domain/run.ts';
import type { Tx } from '../ports/repositories.ts';
import { type Approval, approvalOf, changedFields } from './approval.ts';
import type { HeldBack } from './held-back.ts';
import { refusalOf } from './refusal.ts';
import { itemsOfRun } from './run-items.ts';
import { sinceThen } from './since-then.ts';

/** A chosen item that was not carried out, with the reason; undefined = it was not chosen. */
export function changedItem(
  { chosen, plan }: Approval,
  now: PlanItem,
  run: { id: string; at: string },
): RunItem | undefined {
  const planned = chosen.get(now.id);
  if (planned === undefined) return undefined;
  const fields = changedFields(planned, now);
  const what = fields.length === 0 ? undefined : fields.join(', ');
  return unmetItem(planned, run, { code: 'plan-changed', message: sinceThen(plan, what) });
}

/** The chosen items of which the run says nothing yet, each with what became of it. */
export async function unmetItems(tx: Tx, run: Run, held: HeldBack, at: string): Promise<readonly RunItem[]> {
  const planId = run.approval?.planId;
  const plan = planId === undefined ? undefined : await tx.plans.get(planId);
  if (plan === undefined) return [];
  const approval = approvalOf(plan, run.approval?.items);
  const told = await idsTold(tx, run.id);
  const unmet: RunItem[] = [];
  for (const item of approval.chosen.values()) {
    if (told.has(item.linkId ?? nameOf(item))) continue;
    const now = held.items.find(({ id }) => id === item.id);
    const changed = now === undefined ? undefined : changedItem(approval, now, { id: run.id, at });
    unmet.push(changed ?? unmetItem(item, { id: run.id, at }, await reasonOf(tx, plan, item)));
  }
  return unmet;
}

async function idsTold(tx: Tx, runId: string): Promise<ReadonlySet<string>> {
  const told = new Set<string>();
  for (const { linkId, threatId, mitigationKey } of await itemsOfRun(tx, runId)) {
    if (linkId !== undefined) told.add(linkId);
    if (threatId !== undefined) told.add(nameOf({ threatId, mitigationKey }));
  }
  return told;
}

/** A threat, or one of its mitigations. */
function nameOf(item: { threatId: string; mitigationKey?: string | undefined }): string {
  return item.mitigationKey === undefined ? item.threatId : `${item.threatId} ${item.mitigationKey}`;
}

async function reasonOf(tx: Tx, plan: Plan, item: PlanItem): Promise<NonNullable<RunItem['reason']>> {
  const what = await (item.linkId === undefined
    ? whyNotCreated(tx, plan.integrationId, item)
    : whyNotWritten(tx, item.linkId));
  return what === undefined
    ? { code: 'already-done', message: 'Nothing is left to do about it: both sides agree.' }
    : { code: 'plan-changed', message: `${what} ${sinceThen(plan)}` };
}

async function whyNotCreated(
  tx: Tx,
  integrationId: string,
  { threatId, mitigationKey = '' }: PlanItem,
): Promise<string | undefined> {
  const threat = await tx.threats.get(threatId);
  if (threat === undefined) return 'The threat was removed with its model.';
  const link = (await tx.links.ofThreats([threatId])).find(
    (each) => each.integrationId === integrationId && each.mitigationKey === mitigationKey,
  );
  if (link !== undefined) return link.state === 'linked' ? undefined : `Its link is ${link.state} now.`;
  const integration = await tx.integrations.get(integrationId);
  const refusal = integration && (await refusalOf(tx, integration, threat, link));
  return refusal?.message ?? 'It was not reached in this run.';
}

async function whyNotWritten(tx: Tx, linkId: string): Promise<string | undefined> {
  const link = await tx.links.get(linkId);
  if (link === undefined) return 'The link is gone.';
  return link.state === 'linked' ? undefined : `The link is ${link.state} now.`;
}

function unmetItem(
  item: PlanItem,
  run: { id: string; at: string },
  reason: NonNullable<RunItem['reason']>,
): RunItem {
  return {
    runId: run.id,
    planItemId: item.id,
    threatId: item.threatId,
    ...(item.mitigationKey === undefined ? {} : { mitigationKey: item.mitigationKey }),
    ...(item.linkId === undefined ? {} : { linkId: item.linkId }),
    ...(item.issueKey === undefined ? {} : { issueKey: item.issueKey }),
    outcome: 'skipped',
    fields: [...new Set(item.steps.map(({ field }) => field))],
    reason,
    at: run.at,
  };
}
