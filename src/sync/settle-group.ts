import { ruleOf } from '../domain/conflict-cause.ts';
import { AppError } from '../domain/errors.ts';
import type { Conflict } from '../domain/link.ts';
import { type Rule, withRule, wordsOfRule } from '../domain/rules.ts';
import type { Tx } from '../ports/repositories.ts';
import { lookAtConflicts, openConflicts } from './open-conflicts.ts';
import type { Parts } from './parts.ts';
import { integrationOf } from './session.ts';
import { settleOne } from './settle-one.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** What shall become of a group of conflicts. */
export interface GroupChoice {
  integrationId: string;
  field: string;
  cause: string;
  keep: 'threat' | 'issue';
  /** Tell what would be done, and do nothing. */
  dryRun?: boolean | undefined;
  /** How many were seen in the group. */
  count?: number | undefined;
  /** These alone, each while it shows the values that were seen. */
  items?:
    readonly { id: string; seen?: { threat: string | null; issue: string | null } | undefined }[] | undefined;
  /** From now on: a rule of the integration. */
  always?: boolean | undefined;
}

/** What was decided, or would be. */
export interface Settled {
  dryRun: boolean;
  conflictIds: readonly string[];
  /** Named ones that are no longer as they were seen. */
  moved: readonly { id: string; reason: string }[];
  /** Open ones of the group that no choice was made about. */
  left: number;
  /** The rule that was made; of a dry run the one that `always` would make. */
  rule?: Rule;
}

/** Settled in one call. */
const MOST = 500;

/**
 * Choose a side for the conflicts of one cause. Each is guarded by its own values, as one that is settled alone. Throws
 * `conflict-outdated` when the group does not hold the number that was seen, `unprocessable` for a choice that rests on
 * nothing seen, or a rule that cannot be.
 */
export async function settleGroup(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  choice: GroupChoice,
): Promise<Settled> {
  const { integrationId, items, keep, dryRun = false } = choice;
  await integrationOf(tx, integrationId);
  const group = await groupOf(tx, choice);
  const [sample] = group;
  const rule = ruleFor(sample, choice);
  if (!dryRun) refuseUnseen(group, choice);
  if (!dryRun && choice.always === true && rule !== undefined)
    await keepRule(parts, tx, caller, integrationId, rule);
  const wanted =
    items ?? group.slice(0, MOST).map(({ id, threat, issue }) => ({ id, seen: { threat, issue } }));
  const conflictIds: string[] = [];
  const moved: { id: string; reason: string }[] = [];
  for (const { id, seen } of wanted) {
    const reason = await settle({ id, seen });
    if (reason === undefined) conflictIds.push(id);
    else moved.push({ id, reason });
  }
  const left = group.length - conflictIds.length;
  return { dryRun, conflictIds, moved, left, ...(rule === undefined ? {} : { rule }) };

  async function settle(each: NonNullable<GroupChoice['items']>[number]): Promise<string | undefined> {
    const known = group.find(({ id }) => id === each.id);
    if (known === undefined) return 'It is no open conflict of this group any more.';
    const seen = each.seen ?? known;
    if (seen.threat !== known.threat || seen.issue !== known.issue)
      return 'A side has changed since the conflict was shown.';
    if (dryRun) return undefined;
    try {
      await settleOne(parts, tx, caller, each.id, { keep });
      return undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict-outdated') return error.message;
      throw error;
    }
  }
}

async function groupOf(tx: Tx, { integrationId, field, cause }: GroupChoice): Promise<readonly Conflict[]> {
  const found: Conflict[] = [];
  for await (const page of openConflicts(tx, { integrationId, field, cause })) found.push(...page);
  return found.filter(({ resolution }) => resolution === undefined);
}

/** A choice about many rests on how many they were, or on each of them. */
function refuseUnseen(group: readonly Conflict[], { count, items }: GroupChoice): void {
  if (items !== undefined) return;
  if (count === undefined)
    throw new AppError('unprocessable', 'Say how many conflicts you saw (count), or name them (items).', {
      faults: [{ pointer: '/count', detail: 'or /items is needed' }],
    });
  if (count !== group.length)
    throw new AppError(
      'conflict-outdated',
      `The group holds ${group.length} open conflicts now, not ${count}: look at it again.`,
    );
}

function ruleFor(sample: Conflict | undefined, { always, items, keep }: GroupChoice): Rule | undefined {
  const rule = sample === undefined ? undefined : ruleOf(sample, keep);
  if (always !== true) return rule;
  if (items !== undefined)
    throw new AppError('unprocessable', 'A rule is about the whole group: send count, not items.', {
      faults: [{ pointer: '/always', detail: 'does not go with /items' }],
    });
  if (rule === undefined)
    throw new AppError(
      'unprocessable',
      sample === undefined
        ? 'The group holds no open conflict: there is nothing to make a rule of.'
        : 'No rule can be made of this cause: such conflicts are settled one by one, or as a group.',
      { faults: [{ pointer: '/always', detail: 'no rule for this cause' }] },
    );
  return rule;
}

async function keepRule(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  integrationId: string,
  rule: Rule,
): Promise<void> {
  const at = parts.clock.now().toISOString();
  const integration = await integrationOf(tx, integrationId);
  const { mapping } = integration;
  await tx.integrations.update({
    ...integration,
    mapping: { ...mapping, rules: withRule(mapping.rules ?? [], rule), version: mapping.version + 1 },
    updatedAt: at,
  });
  await lookAtConflicts(tx, integrationId);
  const note = wordsOfRule(rule);
  await tx.journal.add([{ at, ...signedBy(caller), action: 'rule-made', integrationId, note }]);
}
