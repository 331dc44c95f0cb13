import { AppError } from '../domain/errors.ts';
import type { Issue } from '../domain/issue.ts';
import { type Link, threatOf } from '../domain/link.ts';
import { readMark } from '../domain/mark.ts';
import { isOpen, type Threat } from '../domain/threat.ts';
import type { Parts } from './parts.ts';
import { shownOf } from './record.ts';
import { installationKey, integrationOf, openSession } from './session.ts';
import type { LinkCases } from './use-cases.ts';

/** Links made and ended by hand. */
export function linkCases(parts: Parts): LinkCases {
  return {
    list: (caller, integrationId, query) =>
      parts.store.tenant(caller.tenantId).transact(async (tx) => {
        await integrationOf(tx, integrationId);
        return tx.links.list({ ...query, integrationId });
      }),
    async create(caller, integrationId, input) {
      const tenant = parts.store.tenant(caller.tenantId);
      const { integration, threat } = await tenant.transact(async (tx) => {
        const found = await tx.threats.get(input.threatId);
        if (found === undefined) throw new AppError('not-found', `There is no threat ${input.threatId}.`);
        return { integration: await integrationOf(tx, integrationId), threat: found };
      });
      const session = await openSession(parts, caller.tenantId, integration);
      const issue = await session.tracker.find(input.issue, new AbortController().signal);
      if (issue === undefined)
        throw new AppError('not-found', `The tracker shows no issue "${input.issue}" in this project.`, {
          faults: [{ pointer: '/issue', detail: 'is not found in the project of the integration' }],
        });
      const link = boundByHand(parts, integrationId, threat, issue);
      await refuseAnothersMark(parts, link, issue);
      await tenant.transact(async (tx) => {
        await tx.links.insert(link, session.connection.host);
        await tx.dirty.mark(integrationId, [{ linkId: link.id, reason: 'issue' }]);
        await tx.integrations.wake(integrationId);
        const at = parts.clock.now().toISOString();
        const entry = { at, actor: caller.actor, action: 'link-made', integrationId, linkId: link.id };
        await tx.journal.add([{ ...entry, threatId: threat.id, after: issue.url }]);
      });
      parts.bus.wake();
      return link;
    },
    async remove(caller, linkId) {
      const at = parts.clock.now().toISOString();
      await parts.store.tenant(caller.tenantId).transact(async (tx) => {
        const link = await tx.links.get(linkId);
        if (link === undefined || link.state === 'detached')
          throw new AppError('not-found', `There is no link ${linkId}.`);
        if (link.state === 'creating')
          throw new AppError('conflict', 'Its issue is being created: detach it when the run has ended.');
        const stateReason = `Detached by ${caller.actor}.`;
        const stored = await tx.links.update({ ...link, state: 'detached', stateSince: at, stateReason });
        if (!stored) throw new AppError('stale-version', 'The link is being worked on: try again.');
        const { integrationId } = link;
        await tx.journal.add([
          { at, actor: caller.actor, action: 'link-detached', integrationId, linkId, ...threatOf(link) },
        ]);
      });
    },
  };
}

/** No past: what agrees is agreed at the first look, what differs is asked, our block waits for an explicit sync. */
function boundByHand(parts: Parts, integrationId: string, threat: Threat, issue: Issue): Link {
  const at = parts.clock.now().toISOString();
  return {
    id: parts.chance.uuid(),
    integrationId,
    threatId: threat.id,
    role: 'threat',
    mitigationKey: '',
    state: 'linked',
    stateSince: at,
    issue: { ...issue.ref, url: issue.url },
    fields: {},
    lastOpenStatus: isOpen(threat.status) ? threat.status : 'identified',
    closedByUs: false,
    failures: 0,
    shown: shownOf(issue),
    version: 1,
    createdAt: at,
  };
}

/** An issue that carries another link's valid mark belongs to that link. */
async function refuseAnothersMark(parts: Parts, link: Link, issue: Issue): Promise<void> {
  if (issue.block.kind !== 'present') return;
  const mark = readMark(issue.block.mark, await installationKey(parts));
  if (mark !== undefined && mark.linkId !== link.id)
    throw new AppError(
      'issue-already-linked',
      `Issue ${issue.ref.key} carries the mark of another threat's link.`,
    );
}
