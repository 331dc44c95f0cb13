import { sql } from 'kysely';
import type { Link, LinkState } from '../domain/link.ts';
import type { LinkCounts } from '../ports/repositories.ts';
import type { Trx } from './schema.ts';

/** One integration's links, counted for its status page; detached ones count only as a state. */
export async function countLinks(trx: Trx, tenantId: string, integrationId: string): Promise<LinkCounts> {
  const byState = await sql<{
    state: LinkState;
    total: number;
    needs_answer: number;
    held: number;
    failing: number;
  }>`
    select state, count(*) as total,
      count(*) filter (where needs_answer and state <> 'detached') as needs_answer,
      count(*) filter (where held and state <> 'detached') as held,
      count(*) filter (where failures > 0 and state <> 'detached') as failing
    from links where tenant_id = ${tenantId} and integration_id = ${integrationId} and role <> 'parent'
    group by state`.execute(trx);
  const others = await sql<{ conflicts: number; pending: number }>`
    select
      (select count(*) from conflicts
        where tenant_id = ${tenantId} and integration_id = ${integrationId} and state = 'open') as conflicts,
      (select count(*) from dirty
        where tenant_id = ${tenantId} and integration_id = ${integrationId}) as pending`.execute(trx);
  let needsAnswer = 0;
  let held = 0;
  let failing = 0;
  const states: Partial<Record<LinkState, number>> = {};
  for (const row of byState.rows) {
    states[row.state] = row.total;
    needsAnswer += row.needs_answer;
    held += row.held;
    failing += row.failing;
  }
  const [other] = others.rows;
  return {
    states,
    needsAnswer,
    held,
    failing,
    conflicts: other?.conflicts ?? 0,
    pending: other?.pending ?? 0,
  };
}

/** Last errors of failing links by code, the most frequent first, with the message of the link that was made last. */
export async function groupProblems(
  trx: Trx,
  tenantId: string,
  integrationId: string,
): Promise<readonly { code: string; message: string; count: number }[]> {
  const grouped = await sql<{ code: string; count: number; doc: Pick<Link, 'lastError'> }>`
    select error_code as code, count, doc
    from (
      select error_code, doc, count(*) over (partition by error_code) as count,
        row_number() over (partition by error_code order by created_at desc, id desc) as place
      from links
      where tenant_id = ${tenantId} and integration_id = ${integrationId} and failures > 0 and state <> 'detached'
        and error_code is not null
    ) as failing
    where place = 1
    order by count desc, error_code`.execute(trx);
  return grouped.rows.map(({ code, count, doc }) => ({ code, message: doc.lastError?.message ?? '', count }));
}
