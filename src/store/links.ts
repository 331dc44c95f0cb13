import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import { AppError } from '../domain/errors.ts';
import { assertLinkStep } from '../domain/link-states.ts';
import { needsAnswer, type Link } from '../domain/link.ts';
import type { Links } from '../ports/repositories.ts';
import { ByTime, pageOf, readCursor } from './cursor.ts';
import { isDoubled } from './failures.ts';
import { countLinks, groupProblems } from './link-counts.ts';
import type { Tables, Trx } from './schema.ts';
import { plainText } from './values.ts';

const SHOWN = ['id', 'state', 'version', 'created_at', 'doc'] as const;

/** The links of one tenant. Steps that the state machine does not know are refused here, once for everybody. */
export function linksOf(trx: Trx, tenantId: string): Links {
  const shown = () => trx.selectFrom('links').select(SHOWN).where('tenant_id', '=', tenantId);

  /** Another link on the issue; looked for before the write, because a unique violation would end the transaction. */
  async function isTaken(link: Link, host: string): Promise<boolean> {
    if (link.issue === undefined || link.state === 'detached') return false;
    const other = await trx
      .selectFrom('links')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('host', '=', host)
      .where('issue_id', '=', link.issue.id)
      .where('id', '<>', link.id)
      .where('state', '<>', 'detached')
      .executeTakeFirst();
    return other !== undefined;
  }

  return {
    async insert(link, host) {
      assertLinkStep(undefined, link);
      const inserted = await trx
        .insertInto('links')
        .values({ ...columnsOf(link), tenant_id: tenantId, id: link.id, host })
        // Whichever of the unique keys it meets; two inserts at once meet here, not in a check before.
        .onConflict((row) => row.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted === undefined) throw alreadyLinked(link);
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row && linkOf(row);
    },
    async many(ids) {
      const rows = await shown()
        .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(linkOf);
    },
    async update(link) {
      const stored = await trx
        .selectFrom('links')
        .select(['state', 'host', 'issue_id', 'version'])
        .where('tenant_id', '=', tenantId)
        .where('id', '=', link.id)
        .forNoKeyUpdate()
        .executeTakeFirst();
      if (stored?.version !== link.version) return false;
      assertLinkStep(stored.state, link);
      if (stored.issue_id !== (link.issue?.id ?? null) && (await isTaken(link, stored.host)))
        throw alreadyLinked(link);
      try {
        await trx
          .updateTable('links')
          .set(columnsOf({ ...link, version: link.version + 1 }))
          .where('tenant_id', '=', tenantId)
          .where('id', '=', link.id)
          .execute();
      } catch (thrown) {
        throw isDoubled(thrown) ? alreadyLinked(link, thrown) : thrown;
      }
      return true;
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown().where('integration_id', '=', query.integrationId);
      if (query.state !== undefined) wanted = wanted.where('state', '=', query.state);
      if (after !== undefined)
        wanted = wanted.where((row) =>
          row(row.refTuple('created_at', 'id'), '>', row.tuple(after[0], after[1])),
        );
      const rows = await wanted
        .orderBy('created_at')
        .orderBy('id')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, linkOf, (row) => [row.created_at, row.id]);
    },
    async ofThreats(threatIds) {
      const rows = await shown()
        .where(sql<boolean>`threat_id = any(${[...threatIds]}::uuid[])`)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(linkOf);
    },
    async byIssues(integrationId, issueIds) {
      const rows = await shown()
        .where('integration_id', '=', integrationId)
        .where(sql<boolean>`issue_id = any(${[...issueIds]}::text[])`)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(linkOf);
    },
    async tombstones(integrationId) {
      const rows = await trx
        .selectFrom('links')
        .innerJoin('integrations as former', (join) =>
          join
            .onRef('former.tenant_id', '=', 'links.tenant_id')
            .onRef('former.id', '=', 'links.integration_id'),
        )
        .innerJoin('integrations as present', (join) =>
          join
            .onRef('present.tenant_id', '=', 'former.tenant_id')
            .onRef('present.host', '=', 'former.host')
            .onRef('present.project_id', '=', 'former.project_id'),
        )
        .select(['links.id', 'links.state', 'links.version', 'links.created_at', 'links.doc'])
        .where('links.tenant_id', '=', tenantId)
        .where('links.state', '=', 'dormant')
        .where('former.state', '=', 'deleted')
        .where('present.id', '=', integrationId)
        .orderBy('links.created_at')
        .orderBy('links.id')
        .execute();
      return rows.map(linkOf);
    },
    problems: (integrationId) => groupProblems(trx, tenantId, integrationId),
    counts: (integrationId) => countLinks(trx, tenantId, integrationId),
    async parents(integrationId) {
      const rows = await shown()
        .where('integration_id', '=', integrationId)
        .where('role', '=', 'parent')
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(linkOf);
    },
    async idsOf(integrationId, states) {
      const rows = await trx
        .selectFrom('links')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where(sql<boolean>`state = any(${[...states]}::text[])`)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => row.id);
    },
  };
}

function alreadyLinked(link: Link, cause?: unknown): AppError {
  const issue = link.issue === undefined ? 'its issue' : `issue ${link.issue.key}`;
  return new AppError(
    'issue-already-linked',
    `Threat ${link.threatId} or ${issue} has a link already: detach that one first.`,
    { cause },
  );
}

type Columns = Omit<Insertable<Tables['links']>, 'tenant_id' | 'id' | 'host'>;

function columnsOf(link: Link): Columns {
  const { version, state, ...doc } = link;
  return {
    integration_id: link.integrationId,
    threat_id: link.threatId,
    role: link.role,
    mitigation_key: plainText(link.mitigationKey),
    state,
    issue_id: link.issue?.id ?? null,
    needs_answer: needsAnswer(link),
    held: Object.values(link.fields).some((field) => field?.kind === 'hold'),
    failures: link.failures,
    error_code: link.lastError?.code ?? null,
    version,
    created_at: link.createdAt,
    doc: JSON.stringify(doc),
  };
}

function linkOf(row: Pick<Selectable<Tables['links']>, 'state' | 'version' | 'doc'>): Link {
  return { ...row.doc, state: row.state, version: row.version };
}
