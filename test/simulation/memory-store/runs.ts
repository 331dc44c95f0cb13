import type { Run } from '../../../src/domain/run.ts';
import type { Plans, Runs } from '../../../src/ports/repositories.ts';
import { ByNumber, ByTime, readCursor } from '../../../src/store/cursor.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Transaction } from './transaction.ts';

type RunRow = Row<'runs'>;

/** The runs of one tenant, with what became of each threat in them. */
export function runsOf({ db, tx, tenantId }: Scope): Runs {
  const { runs, run_items: runItems } = db.tables;
  const find = (id: string) => runs.get(tx, keyOf(tenantId, tx.uuid(id)));
  const ofIntegration = (id: string) => runs.where(tx, 'integration', keyOf(tenantId, tx.uuid(id)));

  return {
    async insert(run) {
      await tx.step();
      await runs.insert(tx, {
        ...columnsOf(tx, run),
        tenant_id: tenantId,
        id: tx.uuid(run.id),
        integration_id: tx.uuid(run.integrationId),
        created_at: tx.time(run.createdAt),
      });
    },
    async update(run) {
      await tx.step();
      const row = find(run.id);
      const columns = columnsOf(tx, run);
      if (row !== undefined) await runs.update(tx, row, (now) => ({ ...now, ...columns }));
    },
    async get(id) {
      await tx.step();
      const row = find(id);
      return row && runOf(row);
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      const rows = ofIntegration(query.integrationId).filter(
        (row) => query.state === undefined || row.state === query.state,
      );
      return pageAfter(rows, query, after, { place: byAge, item: runOf, direction: 'down' });
    },
    async active(integrationId) {
      await tx.step();
      const [first] = sorted(ofIntegration(integrationId).filter(isActive), byAge);
      return first && runOf(first);
    },
    async last(integrationId) {
      await tx.step();
      const finished = ofIntegration(integrationId).filter((row) => row.finished_at !== null);
      const [last] = sorted(finished, (row) => [row.finished_at ?? '', row.id], 'down');
      return last && runOf(last);
    },
    async addItems(items) {
      if (items.length === 0) return;
      await tx.step();
      for (const item of items) {
        db.identities.run_items += 1;
        const run_id = tx.uuid(item.runId);
        const position = db.identities.run_items;
        await runItems.insert(tx, { tenant_id: tenantId, run_id, position, doc: new Kept(item) });
      }
    },
    async items(runId, query) {
      const after = readCursor(ByNumber, query.cursor);
      await tx.step();
      const rows = runItems.where(tx, 'run', keyOf(tenantId, tx.uuid(runId)));
      return pageAfter(rows, query, after, {
        place: (row) => [row.position],
        item: (row) => row.doc.read(),
      });
    },
    async itemOf(runId, linkId) {
      await tx.step();
      const rows = runItems.where(tx, 'run', keyOf(tenantId, tx.uuid(runId)));
      const items = sorted(rows, (row) => [row.position], 'down').map((row) => row.doc.read());
      return items.find((item) => item.linkId === linkId);
    },
  };
}

/** The plans that people were shown. */
export function plansOf({ db, tx, tenantId }: Scope): Plans {
  const { plans } = db.tables;
  return {
    async save(plan) {
      await tx.step();
      const doc = new Kept(plan);
      const row = {
        tenant_id: tenantId,
        id: tx.uuid(plan.id),
        integration_id: tx.uuid(plan.integrationId),
        created_at: tx.time(plan.createdAt),
        doc,
      };
      await plans.upsert(tx, row, (now) => ({ ...now, doc }));
    },
    async get(id) {
      await tx.step();
      return plans.get(tx, keyOf(tenantId, tx.uuid(id)))?.doc.read();
    },
    async last(integrationId) {
      await tx.step();
      const rows = plans.where(tx, 'integration', keyOf(tenantId, tx.uuid(integrationId)));
      return sorted(rows, (row) => [row.created_at, row.id], 'down')[0]?.doc.read();
    },
  };
}

function isActive(row: RunRow): boolean {
  return row.state === 'queued' || row.state === 'running';
}

function byAge(row: RunRow): [string, string] {
  return [row.created_at, row.id];
}

function columnsOf(tx: Transaction, run: Run): Pick<RunRow, 'state' | 'finished_at' | 'doc'> {
  const { state, ...doc } = run;
  const finished = run.finishedAt === undefined ? null : tx.time(run.finishedAt);
  return { state, finished_at: finished, doc: new Kept(doc) };
}

function runOf(row: RunRow): Run {
  return { ...row.doc.read(), state: row.state };
}
