import type { Overrides } from '../../src/compose.ts';
import type { TenantStore } from '../../src/ports/store.ts';
import type { Send } from '../../src/ports/tracker.ts';
import type { House } from './house.ts';

/** Before which of its steps a service dies: a transaction, a call to the tracker, or the moment it hears the answer. */
export interface Fate {
  /** What it has done since it was born. */
  steps: string[];
  isDead: boolean;
  /** A new life, that ends before the n-th step. */
  born(n: number): void;
}

class Died extends Error {
  override readonly name = 'Died';
}

/** A service that dies as its fate says: from then on neither the store nor the tracker answers it. Until it is born it does nothing. */
export function mortal(house: House): { fate: Fate; overrides: Overrides } {
  let deathAt = 0;
  const fate: Fate = {
    steps: [],
    isDead: true,
    born(n) {
      deathAt = n;
      fate.steps = [];
      fate.isDead = false;
    },
  };
  const alive = (): void => {
    if (fate.isDead) throw new Died('The service is dead.');
  };
  const step = (what: string): void => {
    alive();
    fate.steps.push(what);
    fate.isDead = fate.steps.length >= deathAt;
    alive();
  };
  const store = house.shared();
  const { dispatch } = store;
  const sending =
    (send: Send): Send =>
    async (request, signal) => {
      const what = `${request.method} ${request.path}`;
      step(`call ${what}`);
      const answer = await send(request, signal);
      step(`answer of ${what}`);
      return answer;
    };
  const overrides: Overrides = {
    store: {
      ...store,
      tenant: (tenantId): TenantStore => ({
        tenantId,
        transact: async (work) => {
          step('transaction');
          return store.tenant(tenantId).transact(work);
        },
      }),
      dispatch: {
        ...dispatch,
        claim: async (worker, leaseMs, whose) =>
          fate.isDead ? undefined : dispatch.claim(worker, leaseMs, whose),
        release: async (lease, nextDueAt) => {
          step('release');
          return dispatch.release(lease, nextDueAt);
        },
        sequence: async (limit) => (fate.isDead ? [] : dispatch.sequence(limit)),
      },
    },
    between: (outbound) => ({
      ...outbound,
      open: (endpoint, context) => {
        const way = outbound.open(endpoint, context);
        return { calls: () => way.calls(), send: sending(way.send) };
      },
    }),
  };
  return { fate, overrides };
}

const AT_ONCE = '1970-01-01T00:00:00.000Z';

/** A service that takes no work as long as another one lives. */
export function heir(house: House, fate: Fate): Overrides {
  const store = house.shared();
  const { dispatch } = store;
  const claim = async (worker: string, leaseMs: number) => {
    if (!fate.isDead) return undefined;
    const lease = await dispatch.claim(worker, leaseMs);
    if (lease === undefined || fate.isDead) return lease;
    // Another one was born while the claim was under way: the work is its.
    await dispatch.release(lease, AT_ONCE);
    return undefined;
  };
  return { store: { ...store, dispatch: { ...dispatch, claim } } };
}
