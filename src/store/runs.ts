import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Run } from '../domain/run.ts';
import type { Runs } from '../ports/repositories.ts';
import { ByNumber, ByTime, pageOf, readCursor } from './cursor.ts';
import type { Tables, Trx } from './schema.ts';

/** The runs of one tenant, with what became of each threat in them. */
export function runsOf(trx: Trx, tenantId: string): Runs {
  const shown = () =>
    trx.selectFrom('runs').select(['id', 'state', 'created_at', 'doc']).where('tenant_id', '=', tenantId);

  return {
    async insert(run) {
      await trx
        .insertInto('runs')
        .values({
          ...columnsOf(run),
          tenant_id: tenantId,
          id: run.id,
          integration_id: run.integrationId,
          created_at: run.createdAt,
        })
        .execute();
    },
    async update(run) {
      await trx
        .updateTable('runs')
        .set(columnsOf(run))
        .where('tenant_id', '=', tenantId)
        .where('id', '=', run.id)
        .execute();
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row && runOf(row);
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown().where('integration_id', '=', query.integrationId);
      if (query.state !== undefined) wanted = wanted.where('state', '=', query.state);
      if (after !== undefined)
        wanted = wanted.where((row) =>
          row(row.refTuple('created_at', 'id'), '<', row.tuple(after[0], after[1])),
        );
      const rows = await wanted
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, runOf, (row) => [row.created_at, row.id]);
    },
    async active(integrationId) {
      const row = await shown()
        .where('integration_id', '=', integrationId)
        // As literals, so that the planner can use the index of active runs.
        .where(sql<boolean>`state in ('queued', 'running')`)
        .orderBy('created_at')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      return row && runOf(row);
    },
    async last(integrationId) {
      const row = await shown()
        .where('integration_id', '=', integrationId)
        .where('finished_at', 'is not', null)
        .orderBy('finished_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && runOf(row);
    },
    async addItems(items) {
      if (items.length === 0) return;
      await trx
        .insertInto('run_items')
        .values(items.map((item) => ({ tenant_id: tenantId, run_id: item.runId, doc: JSON.stringify(item) })))
        .execute();
    },
    async items(runId, query) {
      const after = readCursor(ByNumber, query.cursor);
      let wanted = trx
        .selectFrom('run_items')
        .select(['position', 'doc'])
        .where('tenant_id', '=', tenantId)
        .where('run_id', '=', runId);
      if (after !== undefined) wanted = wanted.where('position', '>', after[0]);
      const rows = await wanted
        .orderBy('position')
        .limit(query.limit + 1)
        .execute();
      return pageOf(
        rows,
        query,
        (row) => row.doc,
        (row) => [row.position],
      );
    },
    async itemOf(runId, linkId) {
      const row = await trx
        .selectFrom('run_items')
        .select('doc')
        .where('tenant_id', '=', tenantId)
        .where('run_id', '=', runId)
        .where(sql<boolean>`doc ->> 'linkId' = ${linkId}`)
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.doc;
    },
  };
}

function columnsOf(run: Run): { state: Run['state']; finished_at: string | null; doc: string } {
  const { state, ...doc } = run;
  return { state, finished_at: run.finishedAt ?? null, doc: JSON.stringify(doc) };
}

function runOf(row: Pick<Selectable<Tables['runs']>, 'state' | 'doc'>): Run {
  return { ...row.doc, state: row.state };
}
