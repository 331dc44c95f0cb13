import { AppError } from '../../../src/domain/errors.ts';
import { assertLinkStep } from '../../../src/domain/link-states.ts';
import { needsAnswer, type Link } from '../../../src/domain/link.ts';
import type { Links } from '../../../src/ports/repositories.ts';
import { ByTime, readCursor } from '../../../src/store/cursor.ts';
import { isDoubled } from '../../../src/store/failures.ts';
import { plainText } from '../../../src/store/values.ts';
import { countLinks, groupProblems } from './link-counts.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Transaction } from './transaction.ts';

type LinkRow = Row<'links'>;

/** The links of one tenant. Steps that the state machine does not know are refused here. */
export function linksOf({ db, tx, tenantId }: Scope): Links {
  const { links, integrations, conflicts, dirty } = db.tables;
  const find = (id: string) => links.get(tx, keyOf(tenantId, tx.uuid(id)));
  const ofIntegration = (id: string) => links.where(tx, 'integration', keyOf(tenantId, tx.uuid(id)));

  /** Another link on the issue, as far as this transaction sees: to refuse it here does not end the transaction. */
  function isTaken(link: Link, host: string): boolean {
    const { issue } = link;
    if (issue === undefined || link.state === 'detached') return false;
    return integrations
      .where(tx, 'tenant', tenantId)
      .flatMap(({ id }) => links.where(tx, 'issue', keyOf(tenantId, id, issue.id)))
      .some((row) => row.host === host && row.id !== tx.uuid(link.id) && row.state !== 'detached');
  }

  return {
    async insert(link, host) {
      assertLinkStep(undefined, link);
      await tx.step();
      const row = { ...columnsOf(tx, link), tenant_id: tenantId, id: tx.uuid(link.id), host };
      if (!(await links.insertUnlessDoubled(tx, row))) throw alreadyLinked(link);
    },
    async get(id) {
      await tx.step();
      const row = find(id);
      return row && linkOf(row);
    },
    async many(ids) {
      await tx.step();
      return shownIn([...new Set(ids)].map(find).filter((row) => row !== undefined));
    },
    async update(link) {
      await tx.step();
      const seen = find(link.id);
      const stored = seen && (await links.lock(tx, seen));
      if (stored?.version !== link.version) return false;
      assertLinkStep(stored.state, link);
      await tx.step();
      if (stored.issue_id !== (link.issue?.id ?? null) && isTaken(link, stored.host))
        throw alreadyLinked(link);
      await tx.step();
      const columns = columnsOf(tx, { ...link, version: link.version + 1 });
      try {
        await links.update(tx, stored, (now) => ({ ...now, ...columns }));
      } catch (thrown) {
        throw isDoubled(thrown) ? alreadyLinked(link, thrown) : thrown;
      }
      return true;
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      const rows = ofIntegration(query.integrationId).filter(
        (row) => query.state === undefined || row.state === query.state,
      );
      return pageAfter(rows, query, after, { place: byAge, item: linkOf });
    },
    async ofThreats(threatIds) {
      await tx.step();
      const ids = new Set(threatIds.map((id) => tx.uuid(id)));
      return shownIn([...ids].flatMap((id) => links.where(tx, 'threat', keyOf(tenantId, id))));
    },
    async byIssues(integrationId, issueIds) {
      await tx.step();
      const id = tx.uuid(integrationId);
      const found = [...new Set(issueIds)].flatMap((issueId) =>
        links.where(tx, 'issue', keyOf(tenantId, id, issueId)),
      );
      return shownIn(found);
    },
    async counts(integrationId) {
      await tx.step();
      const key = keyOf(tenantId, tx.uuid(integrationId));
      const open = conflicts.where(tx, 'integration', key).filter((row) => row.state === 'open');
      const pending = dirty.where(tx, 'integration', key);
      return {
        ...countLinks(ofIntegration(integrationId)),
        conflicts: open.length,
        pending: pending.length,
      };
    },
    async problems(integrationId) {
      await tx.step();
      return groupProblems(ofIntegration(integrationId));
    },
    async tombstones(integrationId) {
      await tx.step();
      const present = integrations.get(tx, keyOf(tenantId, tx.uuid(integrationId)));
      if (present === undefined || present.host === null || present.project_id === null) return [];
      const former = integrations
        .where(tx, 'tenant', tenantId)
        .filter(
          (row) =>
            row.state === 'deleted' && row.host === present.host && row.project_id === present.project_id,
        );
      return shownIn(former.flatMap((row) => ofIntegration(row.id)).filter((row) => row.state === 'dormant'));
    },
    async parents(integrationId) {
      await tx.step();
      return shownIn(ofIntegration(integrationId).filter((row) => row.role === 'parent'));
    },
    async idsOf(integrationId, states) {
      await tx.step();
      const rows = ofIntegration(integrationId).filter((row) => states.includes(row.state));
      return sorted(rows, byAge).map((row) => row.id);
    },
  };
}

function shownIn(rows: readonly LinkRow[]): Link[] {
  return sorted(rows, byAge).map(linkOf);
}

function byAge(row: LinkRow): [string, string] {
  return [row.created_at, row.id];
}

function alreadyLinked(link: Link, cause?: unknown): AppError {
  const issue = link.issue === undefined ? 'its issue' : `issue ${link.issue.key}`;
  return new AppError(
    'issue-already-linked',
    `Threat ${link.threatId} or ${issue} has a link already: detach that one first.`,
    { cause },
  );
}

type Columns = Omit<LinkRow, 'tenant_id' | 'id' | 'host'>;

function columnsOf(tx: Transaction, link: Link): Columns {
  const { version, state, ...doc } = link;
  return {
    integration_id: tx.uuid(link.integrationId),
    threat_id: tx.uuid(link.threatId),
    role: link.role,
    mitigation_key: plainText(link.mitigationKey),
    state,
    issue_id: link.issue?.id ?? null,
    needs_answer: needsAnswer(link),
    held: Object.values(link.fields).some((field) => field?.kind === 'hold'),
    failures: link.failures,
    error_code: link.lastError?.code ?? null,
    version,
    created_at: tx.time(link.createdAt),
    doc: new Kept(doc),
  };
}

function linkOf(row: LinkRow): Link {
  return { ...row.doc.read(), state: row.state, version: row.version };
}
