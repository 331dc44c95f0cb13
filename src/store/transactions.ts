import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { AppError } from '../domain/errors.ts';
import { codeOf, isCollision, isExhausted, isLost, isRefusing } from './failures.ts';
import type { Engine } from './engine.ts';
import type { Roles } from './roles.ts';
import type { Tables, Trx } from './schema.ts';
import { tenantTurns } from './tenant-turns.ts';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 20;

/** Runs transactions under our roles, never under the login's own rights. */
export interface Transactions {
  asTenant<T>(tenantId: string, work: (trx: Trx) => Promise<T>): Promise<T>;
  as<T>(role: 'intake' | 'scheduler' | 'app' | 'owner', work: (trx: Trx) => Promise<T>): Promise<T>;
  /** From inside a transaction: go on as one tenant, or as the scheduler. */
  becomeTenant(trx: Trx, tenantId: string): Promise<void>;
  become(trx: Trx, role: 'intake'): Promise<void>;
}

/**
 * A collision is retried from the start; a lost connection only before `work` began, because afterwards nobody
 * knows whether the commit arrived. Both end in `unavailable` when they do not go away.
 */
export function transactionsOn(
  { db, dispatch }: Pick<Engine, 'db' | 'dispatch'>,
  roles: Roles,
): Transactions {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  const inTurn = tenantTurns();

  async function once<T>(
    on: Kysely<Tables>,
    role: string,
    tenantId: string,
    progress: { began: boolean },
    work: (trx: Trx) => Promise<T>,
  ): Promise<T> {
    const mine = { open: true };
    try {
      return await on.transaction().execute(async (trx) => {
        if (tenantId === '') await enter(trx, role, tenantId);
        else await enterTenant(trx, role, tenantId);
        progress.began = true;
        return current.run(mine, () => work(trx));
      });
    } finally {
      mine.open = false;
    }
  }

  async function run<T>(
    on: Kysely<Tables>,
    role: string,
    tenantId: string,
    work: (trx: Trx) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const progress = { began: false };
      try {
        return await once(on, role, tenantId, progress, work);
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown;
        const isFresh = !progress.began && isLost(thrown) && !isExhausted(thrown);
        const mayRepeat = isCollision(thrown) || isFresh;
        if (!mayRepeat || attempt === ATTEMPTS) throw told(thrown);
        await wait(FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  /** The embedded database has one connection: a transaction inside another would wait for itself for ever. */
  function refuseInside(): void {
    if (current.getStore()?.open === true)
      throw new AppError('internal', 'a transaction was begun inside another one');
  }

  return {
    asTenant: async (tenantId, work) => {
      if (tenantId === '') throw new AppError('internal', 'a transaction needs a tenant');
      refuseInside();
      return inTurn(tenantId, () => run(db, roles.app, tenantId, work));
    },
    as: async (role, work) => {
      refuseInside();
      return run(dispatch, roles[role], '', work);
    },
    becomeTenant: (trx, tenantId) => enter(trx, roles.app, tenantId),
    become: (trx, role) => enter(trx, roles[role], ''),
  };
}

function told(thrown: unknown): unknown {
  if (isLost(thrown))
    return new AppError('unavailable', 'The database does not answer. Try again in a moment.', {
      cause: thrown,
    });
  if (isRefusing(thrown))
    return new AppError(
      'unavailable',
      `The database cannot take this now (${codeOf(thrown)}): it is read-only, full or too busy.`,
      { cause: thrown },
    );
  if (isCollision(thrown))
    return new AppError(
      'unavailable',
      'The database is too busy with the same rows. Try again in a moment.',
      {
        cause: thrown,
      },
    );
  return thrown;
}

/** Role and tenant end with the transaction. */
async function enter(trx: Trx, role: string, tenantId: string): Promise<void> {
  await sql`select set_config('role', ${role}, true), set_config('app.tenant', ${tenantId}, true)`.execute(
    trx,
  );
}

/** The same, unless the tenant was removed: who removes it waits for every transaction that was let in. */
async function enterTenant(trx: Trx, role: string, tenantId: string): Promise<void> {
  const { rows } = await sql<{ may: boolean }>`
    select set_config('role', ${role}, true), set_config('app.tenant', ${tenantId}, true),
      may_enter(${tenantId}) as may`.execute(trx);
  if (rows[0]?.may !== true)
    throw new AppError('tenant-removed', `Everything of tenant "${tenantId}" was removed by an operator.`);
}
