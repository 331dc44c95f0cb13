import type { Tx } from '../../../src/ports/repositories.ts';
import type { PublishedEvent } from '../../../src/domain/event.ts';
import { LINK_STATES } from '../../../src/domain/link.ts';
import type { Store } from '../../../src/ports/store.ts';
import { HOST, SEALED, aBoundLink, aDelivery, aModel, anIntegration, at } from '../fixtures.ts';
import { COMMANDS } from './commands.ts';
import type { World } from './commands.ts';
import { Draw, FUTURE, idsOf, ownerOf, tenantsOf } from './draws.ts';

/** One thing to do to a store. */
export interface Step {
  says: string;
  run(store: Store, world: World): Promise<unknown>;
}

/** What is done over all tenants. */
const WHOLES: Readonly<Record<string, (draw: Draw) => Step['run']>> = {
  claim: () => claimAll,
  release(draw) {
    const [id, dueAt] = [draw.id('integration'), draw.oneOf([null, FUTURE, at(0)])];
    return async (store, world) => {
      const lease = world.leases.get(id);
      if (lease !== undefined) await store.dispatch.release(lease, dueAt);
    };
  },
  renew(draw) {
    const id = draw.id('integration');
    return async (store, world) => {
      const lease = world.leases.get(id);
      return lease && store.dispatch.renew(lease, 90_000);
    };
  },
  accept(draw) {
    const delivery = aDelivery(draw.id('integration'), {
      id: draw.id('delivery'),
      deliveryId: `d${draw.below(4)}`,
      receivedAt: at(draw.below(3)),
    });
    const issueId = draw.issueId();
    return (store) => store.dispatch.accept(delivery, [issueId]);
  },
  door(draw) {
    const id = draw.id('integration');
    return (store) => store.dispatch.door(id);
  },
  publish(draw) {
    const limit = 1 + draw.below(4);
    return async (store) => {
      const events = await store.dispatch.sequence(limit);
      await store.dispatch.markPublished(events.map((event) => event.id));
      return events.map(withoutId);
    };
  },
};

/** Steps of one history, drawn one after the other: three of four are one transaction, of one to three commands. */
export function stepsOf(seed: number, count: number): readonly Step[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => (draw.below(4) === 0 ? whole(draw) : transaction(draw)));
}

function whole(draw: Draw): Step {
  const [says, make] = oneOfAll(draw, WHOLES);
  return { says, run: make(draw) };
}

function transaction(draw: Draw): Step {
  const tenantId = draw.tenant();
  const acts = Array.from({ length: 1 + draw.below(3) }, () => {
    const [name, make] = oneOfAll(draw, COMMANDS);
    return { name, act: make(draw) };
  });
  return {
    says: acts.map(({ name }) => name).join(', '),
    run: (store, world) =>
      store.tenant(tenantId).transact(async (tx) => {
        const answers: unknown[] = [];
        for (const { act } of acts) answers.push(await act(tx, world));
        return answers;
      }),
  };
}

function oneOfAll<T>(draw: Draw, named: Readonly<Record<string, T>>): [string, T] {
  const all = Object.entries(named);
  const drawn = all[draw.below(all.length)];
  if (drawn === undefined) throw new Error('there is nothing to draw from');
  return drawn;
}

/** All that is due, because which comes first is a matter of microseconds. */
async function claimAll(store: Store, world: World): Promise<unknown> {
  const taken: [string, number][] = [];
  for (;;) {
    const lease = await store.dispatch.claim('worker', 60_000);
    if (lease === undefined) return taken.toSorted(([one], [other]) => (one < other ? -1 : 1));
    world.leases.set(lease.integrationId, lease);
    taken.push([lease.integrationId, lease.epoch]);
  }
}

/** Each store gives events ids of its own. */
function withoutId(event: PublishedEvent): PublishedEvent {
  return { ...event, id: '' };
}

/** What most steps need: the integrations, a model and a bound link of each tenant. */
export function foundingOf(seed: number): readonly Step[] {
  return idsOf(seed, 'integration').map((id, index) => {
    const model = aModel({ id: idsOf(seed, 'model')[index] ?? id });
    const ids = { id: idsOf(seed, 'link')[index] ?? id, threatId: idsOf(seed, 'threat')[index] ?? id };
    const issue = { id: `founding-${seed}-${index}`, key: '1', url: 'u' };
    const link = aBoundLink(id, { ...ids, issue });
    return {
      says: 'founding',
      run: (store) =>
        store.tenant(ownerOf(seed, id)).transact(async (tx) => {
          await tx.integrations.insert(anIntegration({ id, createdAt: at(index) }), SEALED);
          await tx.models.insert(model);
          await tx.links.insert(link, HOST);
        }),
    };
  });
}

/** Everything that a tenant can read, each part in a transaction of its own. */
export function readingsOf(seed: number): readonly Step[] {
  return tenantsOf(seed).flatMap((tenantId) =>
    Object.entries(READINGS).map(([says, read]) => ({
      says,
      run: (store: Store) => store.tenant(tenantId).transact((tx) => read(tx, seed)),
    })),
  );
}

const ALL = { limit: 99 };

const READINGS: Readonly<Record<string, (tx: Tx, seed: number) => Promise<unknown>>> = {
  integrations: (tx) => tx.integrations.list(ALL),
  byProject: (tx) => tx.integrations.ofProject('h.example', 'p1'),
  models: (tx) => tx.models.list(ALL),
  modelPages: async (tx) => {
    const first = await tx.models.list({ limit: 1 });
    return first.nextCursor && tx.models.list({ limit: 2, cursor: first.nextCursor });
  },
  overlaps: (tx) => tx.models.overlaps(['k1', 'k2'], ['f1']),
  threats: (tx) => tx.threats.list(ALL),
  threatsOfLinks: (tx, seed) => tx.links.ofThreats(idsOf(seed, 'threat')),
  conflicts: (tx) => tx.conflicts.list(ALL),
  conflictGroups: async (tx) => {
    const groups = await tx.conflicts.groups({});
    return groups
      .map(({ integrationId, field, cause, count, oldest }) => [integrationId, field, cause, count, oldest])
      .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  },
  ops: (tx, seed) => tx.ops.open(idsOf(seed, 'link')),
  comments: (tx, seed) => tx.comments.ofLinks(idsOf(seed, 'link')),
  changes: async (tx, seed) => {
    const read: unknown[] = [];
    for (const id of idsOf(seed, 'run')) read.push(await tx.changes.ofRun(id));
    return read;
  },
  events: (tx) => tx.events.after(0, 99).then((events) => events.map(withoutId)),
  lastSequence: (tx) => tx.events.lastSequence(),
  ofEach: async (tx, seed) => {
    const read: unknown[] = [];
    for (const id of idsOf(seed, 'integration')) {
      read.push(await tx.integrations.nextDueAt(id), await tx.dirty.count(id));
      read.push(await tx.dirty.of(id, idsOf(seed, 'link')), await tx.dirty.nextDueAt(id));
      read.push(await tx.dirty.due(id, 1, at(2)).then((due) => due.length));
      const query = { integrationId: id, ...ALL };
      read.push(await tx.links.list(query), await tx.links.counts(id), await tx.links.problems(id));
      read.push(
        await tx.links.tombstones(id),
        await tx.links.parents(id),
        await tx.links.idsOf(id, LINK_STATES),
      );
      read.push(await tx.deliveries.list(query), await tx.deliveries.unprocessed(id, 9));
      read.push(await tx.deliveries.lastReceivedAt(id), await tx.runs.list(query));
      read.push(await tx.deliveries.lastAbout(id, '42').then((delivery) => delivery !== undefined));
      read.push(await tx.runs.active(id), await tx.runs.last(id), await tx.plans.last(id));
      read.push(await tx.threats.linkedElsewhere(id, idsOf(seed, 'threat')));
      read.push(await tx.journal.count(id, ['status-pushed', 'seen'], at(1)));
    }
    const written = await tx.journal.written(idsOf(seed, 'link'), 'label:x\u0000', at(1));
    read.push(Object.fromEntries(written));
    for (const id of idsOf(seed, 'threat')) read.push(await tx.journal.ofThreat(id, 9));
    return read;
  },
};
