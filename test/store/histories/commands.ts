import type { JournalEntry } from '../../../src/domain/event.ts';
import type { Dirty, Tx } from '../../../src/ports/repositories.ts';
import type { Lease } from '../../../src/ports/store.ts';
import { SEALED, aComment, aFilter, aPlan, aRun, anOp, at } from '../fixtures.ts';
import { aChange } from '../kept-fixtures.ts';
import type { Draw } from './draws.ts';

/** What one store has given in a history that later steps use. */
export interface World {
  leases: Map<string, Lease>;
}

type Act = (tx: Tx, world: World) => Promise<unknown>;

/** What one transaction may do. All chance is drawn before anything is done, so that two stores are asked the same. */
export const COMMANDS: Readonly<Record<string, (draw: Draw) => Act>> = {
  insertIntegration(draw) {
    const integration = { ...draw.integration(), version: 1 };
    const owner = draw.ownerOf(integration.id);
    return async (tx) => tx.tenantId === owner && tx.integrations.insert(integration, SEALED);
  },
  updateIntegration(draw) {
    const integration = draw.integration();
    return (tx) => tx.integrations.update(integration);
  },
  note(draw) {
    const id = draw.id('integration');
    return (tx) => tx.integrations.note(id, { cursor: 'c' });
  },
  schedule(draw) {
    const [id, dueAt] = [draw.id('integration'), draw.oneOf([null, draw.time()])];
    return (tx) => tx.integrations.schedule(id, dueAt);
  },
  wake(draw) {
    const id = draw.id('integration');
    return (tx) => tx.integrations.wake(id);
  },
  claimRenewal(draw) {
    const id = draw.id('integration');
    return (tx) => tx.integrations.claimRenewal(id, 60_000);
  },
  hold(draw) {
    const id = draw.id('integration');
    return async (tx, world) => {
      const lease = world.leases.get(id);
      if (lease?.tenantId === tx.tenantId) await tx.integrations.hold(lease);
    };
  },
  insertModel(draw) {
    const model = { ...draw.model(), version: 1 };
    return (tx) => tx.models.insert(model, new Uint8Array([1]));
  },
  updateModel(draw) {
    const model = draw.model();
    return (tx) => tx.models.update(model);
  },
  removeModel(draw) {
    const id = draw.id('model');
    return (tx) => tx.models.remove(id);
  },
  insertThreat(draw) {
    const threat = draw.threat();
    return (tx) => tx.threats.insert([threat]);
  },
  updateThreat(draw) {
    const threat = { ...draw.threat(), number: 1 + draw.below(3), version: 1 + draw.below(3) };
    return (tx) => tx.threats.update(threat);
  },
  searchThreats(draw) {
    const [search, limit] = [draw.oneOf(['o', 'Ä', 'x']), 1 + draw.below(2)];
    return (tx) => tx.threats.list({ search, limit });
  },
  candidates(draw) {
    const id = draw.id('integration');
    return (tx) => tx.threats.candidates(id, aFilter(), 0, 9);
  },
  withMitigationsToDo(draw) {
    const [id, isBound] = [draw.id('integration'), draw.oneOf([true, false])];
    const formats = ['threat-dragon-v2', 'platform'] as const;
    return (tx) => tx.threats.withMitigationsToDo(id, aFilter(), { formats, isBound }, 0, 9);
  },
  insertLink(draw) {
    const link = { ...draw.link(), version: 1 };
    return (tx) => tx.links.insert(link, 'h.example');
  },
  updateLink(draw) {
    const link = draw.link();
    return (tx) => tx.links.update(link);
  },
  detachLink(draw) {
    const id = draw.id('link');
    return async (tx) => {
      const link = await tx.links.get(id);
      return link && tx.links.update({ ...link, state: 'detached' });
    };
  },
  bindLink(draw) {
    const [id, issue] = [draw.id('link'), { id: draw.issueId(), key: '1', url: 'u' }];
    return async (tx) => {
      const link = await tx.links.get(id);
      return link && tx.links.update({ ...link, state: 'linked', issue });
    };
  },
  insertOp(draw) {
    const op = { ...anOp(draw.link()), id: draw.id('op') };
    return (tx) => tx.ops.insert(op);
  },
  updateOp(draw) {
    const op = { ...anOp(draw.link(), { state: 'done' }), id: draw.id('op') };
    return (tx) => tx.ops.update(op);
  },
  mark(draw) {
    const id = draw.id('integration');
    const marks = [1, 2].map(() => ({
      linkId: draw.id('link'),
      reason: draw.oneOf<Dirty['reason']>(['issue', 'threat', 'sweep', 'retry', 'settle']),
      ...(draw.below(2) > 0 && { dueAt: draw.time() }),
    }));
    return (tx) => tx.dirty.mark(id, marks);
  },
  clear(draw) {
    const [id, linkId, generation] = [draw.id('integration'), draw.id('link'), 1 + draw.below(2)];
    return (tx) => tx.dirty.clear(id, [{ linkId, generation }]);
  },
  defer(draw) {
    const [id, linkId, dueAt] = [draw.id('integration'), draw.id('link'), draw.time()];
    return (tx) => tx.dirty.defer(id, linkId, dueAt);
  },
  insertRun(draw) {
    const run = aRun(draw.id('integration'), { id: draw.id('run'), createdAt: at(draw.below(3)) });
    return (tx) => tx.runs.insert(run);
  },
  endRun(draw) {
    const change = { id: draw.id('run'), state: 'completed' as const, finishedAt: draw.time() };
    const run = aRun(draw.id('integration'), change);
    return (tx) => tx.runs.update(run);
  },
  keepChange(draw) {
    const link = { id: draw.id('link') };
    const change = aChange(draw.id('run'), link, { id: draw.id('change'), at: at(draw.below(3)) });
    return (tx) => tx.changes.add([change]);
  },
  undoChange(draw) {
    const [id, by] = [draw.id('change'), draw.id('run')];
    return (tx) => tx.changes.markUndone([id], by);
  },
  savePlan(draw) {
    const plan = aPlan(draw.id('integration'), { id: draw.id('plan'), createdAt: at(draw.below(3)) });
    return (tx) => tx.plans.save(plan);
  },
  saveConflict(draw) {
    const conflict = draw.conflict();
    return (tx) => tx.conflicts.save(conflict);
  },
  comment(draw) {
    const comment = aComment(draw.id('link'), { id: `c${draw.below(3)}`, createdAt: at(draw.below(3)) });
    return (tx) => tx.comments.replace(comment.linkId, [comment]);
  },
  writeJournal(draw) {
    const entry: JournalEntry = {
      at: at(draw.below(3)),
      actor: 'a',
      action: draw.oneOf(['status-pushed', 'seen']),
      integrationId: draw.id('integration'),
      field: draw.oneOf(['status', 'title', 'label:x\u0000']),
      ...(draw.below(2) > 0 && { linkId: draw.id('link'), threatId: draw.id('threat') }),
    };
    return (tx) => tx.journal.add([entry]);
  },
  addEvent(draw) {
    const event = { type: 'sync:started', subject: draw.id('run'), data: { n: draw.below(9) } } as const;
    return (tx) => tx.events.add([event], at(0));
  },
  beginKey(draw) {
    const [key, hash] = [`k${draw.below(2)}`, `h${draw.below(2)}`];
    return (tx) => tx.idempotency.begin(key, hash, at(0));
  },
  finishKey(draw) {
    const key = `k${draw.below(2)}`;
    return (tx) => tx.idempotency.finish(key, { status: 201, body: '', headers: {} });
  },
  forgetKey(draw) {
    const key = `k${draw.below(2)}`;
    return (tx) => tx.idempotency.forget(key);
  },
  conclude(draw) {
    const id = draw.id('delivery');
    return (tx) => tx.deliveries.conclude(id, 'processed', at(1));
  },
};
