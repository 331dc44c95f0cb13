import { wordsOfCause } from '../domain/conflict-cause.ts';
import type { Conflict, Link } from '../domain/link.ts';
import type { Threat } from '../domain/threat.ts';
import type { ConflictGroup, ConflictQuery } from '../ports/conflicts.ts';
import type { Page, PageQuery, Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import { type GroupChoice, settleGroup, type Settled } from './settle-group.ts';
import { settleOne, type Choice } from './settle-one.ts';
import type { Caller } from './use-cases.ts';

/** A conflict as people see it: with the things it is about. */
export interface ShownConflict extends Conflict {
  /** The cause, in one sentence. */
  says: string;
  item: {
    threat?: Pick<Threat, 'number' | 'title'>;
    issue?: Pick<NonNullable<Link['issue']>, 'key' | 'url'>;
  };
}

interface ShownGroup extends Omit<ConflictGroup, 'oldest'> {
  says: string;
  since: string;
  /** The oldest of them. */
  sample: ShownConflict;
}

/** Disagreements that only a person can settle. */
export interface ConflictCases {
  list(caller: Caller, query: PageQuery & Omit<ConflictQuery, 'linkIds'>): Promise<Page<ShownConflict>>;
  /** Open ones by integration, field and cause, the largest group first. */
  groups(
    caller: Caller,
    query: Pick<ConflictQuery, 'integrationId' | 'field' | 'cause'>,
  ): Promise<readonly ShownGroup[]>;
  /** Throws `conflict-outdated` when a side shows something else than was seen. */
  resolve(caller: Caller, id: string, choice: Choice): Promise<ShownConflict>;
  /** Settles one group, or some of it, as was planned. Throws `conflict-outdated` when it holds another number of conflicts. */
  resolveMany(caller: Caller, choice: GroupChoice): Promise<Settled>;
}

/** The inbox of conflicts, one by one and by cause. */
export function conflictCases(parts: Parts): ConflictCases {
  const transact = <T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> =>
    parts.store.tenant(caller.tenantId).transact(work);
  return {
    list: (caller, query) =>
      transact(caller, async (tx) => {
        const page = await tx.conflicts.list(query);
        const told = await teller(tx, page.items);
        return { ...page, items: page.items.map(told) };
      }),
    groups: (caller, query) =>
      transact(caller, async (tx) => {
        const groups = await tx.conflicts.groups(query);
        const told = await teller(
          tx,
          groups.map(({ oldest }) => oldest),
        );
        return groups.map((group) => groupOf(group, told(group.oldest))).toSorted(bySize);
      }),
    async resolve(caller, id, choice) {
      const conflict = await transact(caller, async (tx) => {
        const settled = await settleOne(parts, tx, caller, id, choice);
        return (await teller(tx, [settled]))(settled);
      });
      parts.bus.wake();
      return conflict;
    },
    async resolveMany(caller, choice) {
      const settled = await transact(caller, (tx) => settleGroup(parts, tx, caller, choice));
      parts.bus.wake();
      return settled;
    },
  };
}

/** Tells these conflicts with their threats and issues, read for all of them at once. */
async function teller(
  tx: Tx,
  conflicts: readonly Conflict[],
): Promise<(conflict: Conflict) => ShownConflict> {
  const threats = await tx.threats.many(conflicts.map(({ threatId }) => threatId));
  const links = await tx.links.many(conflicts.map(({ linkId }) => linkId));
  return (conflict) => {
    const threat = threats.find(({ id }) => id === conflict.threatId);
    const issue = links.find(({ id }) => id === conflict.linkId)?.issue;
    return {
      ...conflict,
      says: wordsOfCause(conflict),
      item: {
        ...(threat === undefined ? {} : { threat: { number: threat.number, title: threat.title } }),
        ...(issue === undefined ? {} : { issue: { key: issue.key, url: issue.url } }),
      },
    };
  };
}

function groupOf(group: ConflictGroup, sample: ShownConflict): ShownGroup {
  const { cause, count, field, integrationId } = group;
  return { integrationId, field, cause, count, says: sample.says, since: sample.firstSeenAt, sample };
}

function bySize(one: ShownGroup, other: ShownGroup): number {
  return other.count - one.count || (one.since < other.since ? -1 : 1);
}
