import { AppError } from '../domain/errors.ts';
import type { Parts } from './parts.ts';
import { integrationOf } from './session.ts';
import type { DeliveryCases } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** What trackers sent us, and looking at it again. */
export function deliveryCases(parts: Parts): DeliveryCases {
  return {
    list: (caller, integrationId, query) =>
      parts.store.tenant(caller.tenantId).transact(async (tx) => {
        await integrationOf(tx, integrationId);
        return tx.deliveries.list({ ...query, integrationId });
      }),
    async replay(caller, id) {
      const delivery = await parts.store.tenant(caller.tenantId).transact((tx) => tx.deliveries.get(id));
      if (delivery === undefined) throw new AppError('not-found', `There is no delivery ${id}.`);
      const webhook = parts.providers.get(delivery.provider)?.webhook;
      const { body, ...shown } = delivery;
      const hint = webhook?.parse({ method: 'POST', url: '', headers: delivery.headers, body });
      if (hint === undefined || hint.ignored !== undefined) return shown;
      const ids = hint.refs.map((ref) => ref.id);
      await parts.store.tenant(caller.tenantId).transact(async (tx) => {
        const links = await tx.links.byIssues(delivery.integrationId, ids);
        await tx.dirty.mark(
          delivery.integrationId,
          links.map((link) => ({ linkId: link.id, reason: 'issue' })),
        );
        await tx.integrations.wake(delivery.integrationId);
        const at = parts.clock.now().toISOString();
        const { integrationId } = delivery;
        await tx.journal.add([
          { at, ...signedBy(caller), action: 'delivery-replayed', integrationId, note: id },
        ]);
      });
      parts.bus.wake();
      return shown;
    },
  };
}
