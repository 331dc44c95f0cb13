import { causeOf, type DeadCause, deadCauses } from '../domain/dead-letters.ts';
import { AppError } from '../domain/errors.ts';
import { type Link, type LinkState, threatOf } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';
import { returned } from './missing.ts';
import type { Parts } from './parts.ts';
import { integrationOf } from './session.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** Which ones: by id, by cause, or both. */
interface DeadChoice {
  linkIds?: readonly string[] | undefined;
  code?: string | undefined;
}

/** What was done: the links that left, and how many of the choice wait for another call. */
interface DeadAnswer {
  linkIds: readonly string[];
  left: number;
}

export interface DeadLetterCases {
  /** Grouped by cause; `limit` items of each. */
  list(
    caller: Caller,
    integrationId: string,
    query: { code?: string | undefined; limit: number },
  ): Promise<{ count: number; causes: readonly DeadCause[] }>;
  /** Back to work, due at once, with all its tries. Throws `conflict` when one that was named is neither set aside nor at work. */
  retry(caller: Caller, integrationId: string, choice: DeadChoice): Promise<DeadAnswer>;
  /** Ends the links; issues and threats stay as they are. Throws `conflict` when one that was named is at work again. */
  discard(caller: Caller, integrationId: string, choice: DeadChoice): Promise<DeadAnswer>;
}

/** Links moved in one call. */
const MOST = 1000;

/** What failed too often, or whose mark cannot be trusted: seen by cause, retried or given up by a person. */
export function deadLetterCases(parts: Parts): DeadLetterCases {
  const { clock, store } = parts;

  function move(
    caller: Caller,
    integrationId: string,
    choice: DeadChoice,
    how: { done: readonly LinkState[]; verb: string; each: (tx: Tx, link: Link) => Promise<void> },
  ): Promise<DeadAnswer> {
    return store.tenant(caller.tenantId).transact(async (tx) => {
      await integrationOf(tx, integrationId);
      const chosen = await chosenLinks(tx, integrationId, choice, how);
      const now = chosen.slice(0, MOST);
      for (const link of now) await how.each(tx, link);
      return { linkIds: now.map(({ id }) => id), left: chosen.length - now.length };
    });
  }

  return {
    list: (caller, integrationId, { code, limit }) =>
      store.tenant(caller.tenantId).transact(async (tx) => {
        await integrationOf(tx, integrationId);
        const links = await setAside(tx, integrationId, code);
        return { count: links.length, causes: deadCauses(links, limit) };
      }),
    async retry(caller, integrationId, choice) {
      const at = clock.now().toISOString();
      const answer = await move(caller, integrationId, choice, {
        done: ['linked', 'creating'],
        verb: 'retried',
        async each(tx, link) {
          await moveTo(tx, { ...atWork(link, at), failures: 0 });
          await tx.dirty.mark(integrationId, [{ linkId: link.id, reason: 'retry', dueAt: at }]);
          await tx.integrations.wake(integrationId);
          await journal(tx, caller, link, { at, action: 'link-retried' });
        },
      });
      parts.bus.wake();
      return answer;
    },
    async discard(caller, integrationId, choice) {
      const at = clock.now().toISOString();
      return move(caller, integrationId, choice, {
        done: ['detached'],
        verb: 'discarded',
        async each(tx, link) {
          const stateReason = `Discarded by ${caller.actor}. It had been set aside: ${link.stateReason ?? causeOf(link)}`;
          await moveTo(tx, { ...link, state: 'detached', stateSince: at, stateReason });
          for (const op of await tx.ops.open([link.id]))
            await tx.ops.update({ ...op, state: 'abandoned', settledAt: at });
          await journal(tx, caller, link, { at, action: 'link-detached', note: stateReason });
        },
      });
    },
  };
}

async function setAside(tx: Tx, integrationId: string, code: string | undefined): Promise<readonly Link[]> {
  const links = await tx.links.many(await tx.links.idsOf(integrationId, ['quarantined']));
  return code === undefined ? links : links.filter((link) => causeOf(link) === code);
}

async function chosenLinks(
  tx: Tx,
  integrationId: string,
  { code, linkIds }: DeadChoice,
  how: { done: readonly LinkState[]; verb: string },
): Promise<readonly Link[]> {
  if (linkIds === undefined) {
    if (code !== undefined) return setAside(tx, integrationId, code);
    throw new AppError('unprocessable', `Say what shall be ${how.verb}: linkIds, or the code of a cause.`, {
      faults: [{ pointer: '/linkIds', detail: 'or /code is needed' }],
    });
  }
  const found = new Map((await tx.links.many(linkIds)).map((link) => [link.id, link]));
  const links = [...new Set(linkIds)].map((id) => {
    const link = found.get(id);
    if (link?.integrationId === integrationId) return link;
    throw new AppError('not-found', `This integration has no link ${id}.`);
  });
  const elsewhere = links.find(({ state }) => state !== 'quarantined' && !how.done.includes(state));
  if (elsewhere !== undefined)
    throw new AppError(
      'conflict',
      `Link ${elsewhere.id} is ${elsewhere.state} since ${elsewhere.stateSince} and not set aside any more. Nothing was ${how.verb}: read the dead letters again.`,
    );
  const aside = links.filter(({ state }) => state === 'quarantined');
  return code === undefined ? aside : aside.filter((link) => causeOf(link) === code);
}

/** Bound: it goes on from its baselines. Never bound: its issue is looked for, and created if there is none. */
function atWork(link: Link, at: string): Link {
  if (link.issue !== undefined) return returned(link, at);
  const { stateReason: _, ...rest } = link;
  return { ...rest, state: 'creating', stateSince: at };
}

async function moveTo(tx: Tx, link: Link): Promise<void> {
  if (await tx.links.update(link)) return;
  throw new AppError('conflict', `Link ${link.id} was changed meanwhile: read the dead letters again.`);
}

async function journal(
  tx: Tx,
  caller: Caller,
  link: Link,
  entry: { at: string; action: string; note?: string },
): Promise<void> {
  const { id: linkId, integrationId } = link;
  await tx.journal.add([{ ...entry, ...signedBy(caller), integrationId, linkId, ...threatOf(link) }]);
}
