import { type Expiry, expire } from '../domain/acceptance.ts';
import { messageOf } from '../domain/errors.ts';
import type { Link } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Ended in one look at a tenant. */
const AT_ONCE = 1000;
/** A worker that holds one of the links is through with it by then. */
const ATTEMPTS = 3;

/** Opens threats again whose acceptance has ended: at the start and hourly. */
export function startExpiry(parts: Parts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(parts: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const ended = await endAcceptances(parts);
      if (ended > 0) parts.bus.wake();
    } catch (error) {
      parts.log.warn({ error: messageOf(error) }, 'acceptances could not be looked through');
    }
    await parts.clock.sleep(HOUR_MS, signal).catch(() => undefined);
  }
}

/** Of all tenants; answers how many. Whoever comes first of several replicas ends it, once. */
async function endAcceptances(parts: Parts): Promise<number> {
  if (parts.paused) return 0;
  let ended = 0;
  for (const tenantId of await parts.store.dispatch.tenants()) {
    const tenant = parts.store.tenant(tenantId);
    const until = parts.clock.now().toISOString();
    const due = await tenant.transact((tx) => tx.threats.accepted(until, AT_ONCE));
    for (const { id } of due) if (await endOne(parts, tenantId, id)) ended += 1;
  }
  return ended;
}

/** Somebody changed the threat or one of its links at the same time. */
class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

async function endOne(parts: Parts, tenantId: string, threatId: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await parts.store.tenant(tenantId).transact((tx) => end(parts, tx, threatId));
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      if (attempt === ATTEMPTS) return false;
    }
}

/**
 * Threat, journal, event, marks of its links and what is to be told in its issues, in one transaction. The issues are
 * opened by the push that follows, under the brakes.
 */
async function end(parts: Parts, tx: Tx, threatId: string): Promise<boolean> {
  const at = parts.clock.now().toISOString();
  const threat = await tx.threats.get(threatId);
  const links = await tx.links.ofThreats([threatId]);
  const expiry = threat === undefined ? undefined : expire(threat, links, at);
  if (expiry === undefined) return false;
  if (!(await tx.threats.update(expiry.threat))) throw new ChangedMeanwhile();
  for (const link of links) await tell(tx, link, expiry);
  const { id, key, modelId, status } = expiry.threat;
  const fields = { status: { before: expiry.ended.status, after: status } };
  const data = { threatId: id, modelId, key, origin: 'expiry', fields };
  await tx.events.add([{ type: 'threat:updated', subject: id, data }], at);
  await tx.journal.add([expiry.entry]);
  return true;
}

async function tell(tx: Tx, link: Link, { ended }: Expiry): Promise<void> {
  if (link.state === 'detached') return;
  if (link.state === 'linked' && link.role === 'threat')
    if (!(await tx.links.update({ ...link, acceptanceEnded: ended }))) throw new ChangedMeanwhile();
  await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat' }]);
  await tx.integrations.wake(link.integrationId);
}
