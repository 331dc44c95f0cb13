import { AppError } from '../domain/errors.ts';
import type { Issue } from '../domain/issue.ts';
import { granularityOf, type Integration } from '../domain/integration.ts';
import { type Link, type LinkState, threatOf } from '../domain/link.ts';
import { keyFingerprint, type Mark, readMark } from '../domain/mark.ts';
import { type Subject, subjectKey } from '../domain/mitigations.ts';
import type { Threat } from '../domain/threat.ts';
import type { Page, PageQuery, Tx } from '../ports/repositories.ts';
import { linkWithoutPast } from './link-without-past.ts';
import type { Parts } from './parts.ts';
import { releaseField } from './release.ts';
import { installationKey, integrationOf, openSession } from './session.ts';
import { mitigationNamed } from './served.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

export interface LinkCases {
  list(caller: Caller, integrationId: string, query: PageQuery & { state?: LinkState }): Promise<Page<Link>>;
  /** Binds an existing issue (its number, key or URL) to a threat, or to one of its mitigations. */
  create(
    caller: Caller,
    integrationId: string,
    input: { threatId: string; mitigationKey?: string | undefined; issue: string },
  ): Promise<Link>;
  /** Detaches; the issue stays as it is. */
  remove(caller: Caller, linkId: string): Promise<void>;
  /** Ends the hold of a field after an undo: the next run decides by the baselines. Throws `conflict` when it is not held. */
  release(caller: Caller, linkId: string, field: string): Promise<Link>;
}

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
      const { integration, subject } = await tenant.transact(async (tx) => {
        const found = await tx.threats.get(input.threatId);
        if (found === undefined) throw new AppError('not-found', `There is no threat ${input.threatId}.`);
        const chosen = await integrationOf(tx, integrationId);
        return { integration: chosen, subject: await subjectOf(tx, chosen, found, input.mitigationKey) };
      });
      const session = await openSession(parts, caller.tenantId, integration);
      const issue = await session.tracker.find(input.issue, new AbortController().signal);
      if (issue === undefined)
        throw new AppError('not-found', `The tracker shows no issue "${input.issue}" in this project.`, {
          faults: [{ pointer: '/issue', detail: 'is not found in the project of the integration' }],
        });
      const at = parts.clock.now().toISOString();
      const mark = await markOf(parts, issue);
      const made = await tenant.transact(async (tx) => {
        const id =
          mark === undefined
            ? parts.chance.uuid()
            : await forgottenId(tx, { mark, subject, issue, integration });
        const link = linkWithoutPast({ id, integrationId, subject, issue, at });
        await tx.links.insert(link, session.connection.host);
        await tx.dirty.mark(integrationId, [{ linkId: link.id, reason: 'issue' }]);
        await tx.integrations.wake(integrationId);
        const entry = { at, ...signedBy(caller), action: 'link-made', integrationId, linkId: link.id };
        await tx.journal.add([{ ...entry, ...threatOf(link), after: issue.url }]);
        return link;
      });
      parts.bus.wake();
      return made;
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
          { at, ...signedBy(caller), action: 'link-detached', integrationId, linkId, ...threatOf(link) },
        ]);
      });
    },
    release: (caller, linkId, field) => releaseField(parts, caller, linkId, field),
  };
}

/** What an issue is bound to; only what the integration makes issues of. */
async function subjectOf(
  tx: Tx,
  integration: Integration,
  threat: Threat,
  key: string | undefined,
): Promise<Subject> {
  const granularity = granularityOf(integration);
  if (granularity === (key === undefined ? 'mitigation' : 'threat'))
    throw new AppError(
      'unprocessable',
      `The integration has no issues of ${key === undefined ? 'threats' : 'mitigations'}: its granularity is "${granularity}".`,
      { faults: [{ pointer: '/mitigationKey', detail: `does not go with "${granularity}"` }] },
    );
  return key === undefined ? threat : mitigationNamed(tx, threat, key);
}

async function markOf(parts: Parts, { block }: Issue): Promise<Mark | undefined> {
  return block.kind === 'present' ? readMark(block.mark, await installationKey(parts)) : undefined;
}

interface Claim {
  mark: Mark;
  subject: Subject;
  issue: Issue;
  integration: Pick<Integration, 'rewound'>;
}

/**
 * The id that the mark of an issue names, where its link is this subject's and was forgotten by a database that was put back in
 * time. Throws `issue-already-linked` otherwise: the issue belongs to that link.
 */
async function forgottenId(tx: Tx, { mark, subject, issue, integration }: Claim): Promise<string> {
  const isForgotten = integration.rewound !== undefined && (await tx.links.get(mark.linkId)) === undefined;
  if (isForgotten && mark.key === keyFingerprint(subjectKey(subject))) return mark.linkId;
  throw new AppError(
    'issue-already-linked',
    `Issue ${issue.ref.key} carries the mark of another threat's link.`,
  );
}
