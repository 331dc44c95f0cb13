import type { Direction } from '../../../src/domain/flips.ts';
import type { Journal } from '../../../src/ports/journal.ts';
import { plainText } from '../../../src/store/values.ts';
import { shown } from './moments.ts';
import { sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** What was done and why; only ever added to. */
export function journalOf({ db, tx, tenantId }: Scope): Journal {
  const { journal } = db.tables;
  const uuid = (id: string | undefined) => (id === undefined ? null : tx.uuid(id));

  return {
    async add(entries) {
      if (entries.length === 0) return;
      await tx.step();
      for (const entry of entries) {
        db.identities.journal += 1;
        await journal.insert(tx, {
          tenant_id: tenantId,
          position: db.identities.journal,
          at: tx.time(entry.at),
          action: entry.action,
          integration_id: uuid(entry.integrationId),
          link_id: uuid(entry.linkId),
          threat_id: uuid(entry.threatId),
          field: entry.field === undefined ? null : plainText(entry.field),
          doc: new Kept(entry),
          written_at: tx.at,
          sequence: null,
          salts: null,
          hash: null,
        });
      }
    },
    async ofThreat(threatId, limit) {
      await tx.step();
      const rows = journal.where(tx, 'threat', keyOf(tenantId, tx.uuid(threatId)));
      return sorted(rows, (row) => [row.position], 'down')
        .slice(0, limit)
        .map((row) => row.doc.read());
    },
    async takenOfThreat(threatId, limit) {
      await tx.step();
      const rows = journal.where(tx, 'threat', keyOf(tenantId, tx.uuid(threatId)));
      return sorted(rows, (row) => [row.position], 'down')
        .slice(0, limit)
        .map((row) => ({ ...row.doc.read(), at: shown(row.written_at) }));
    },
    async chained(after, limit) {
      await tx.step();
      const found = journal
        .where(tx, 'tenant', tenantId)
        .flatMap(({ sequence, salts, hash, doc }) =>
          sequence === null || salts === null || hash === null || sequence <= after
            ? []
            : [{ sequence, entry: doc.read(), salts: { ...salts }, hash }],
        );
      return sorted(found, (item) => [item.sequence]).slice(0, limit);
    },
    async count(integrationId, actions, since) {
      await tx.step();
      const from = tx.time(since);
      const linkIds = new Set<string>();
      for (const row of journal.where(tx, 'integration', keyOf(tenantId, tx.uuid(integrationId))))
        if (row.link_id !== null && row.at >= from && actions.includes(row.action)) linkIds.add(row.link_id);
      return linkIds.size;
    },
    async written(linkIds, field, since) {
      await tx.step();
      const from = tx.time(since);
      const wanted = plainText(field);
      const written = new Map<string, readonly Direction[]>();
      for (const linkId of linkIds) {
        const rows = journal
          .where(tx, 'link', keyOf(tenantId, tx.uuid(linkId)))
          .filter((row) => row.field === wanted && row.at >= from);
        const directions = sorted(rows, (row) => [row.position]).flatMap((row): Direction[] => {
          if (row.action.endsWith('-pushed')) return ['pushed'];
          return row.action.endsWith('-pulled') ? ['pulled'] : [];
        });
        if (directions.length > 0) written.set(linkId, directions);
      }
      return written;
    },
  };
}
