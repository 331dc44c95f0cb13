import { AppError } from '../domain/errors.ts';
import type { BoundProject, Integration } from '../domain/integration.ts';
import type { LinkState } from '../domain/link.ts';
import { recording, type Work } from './work.ts';

/** States whose issues are read. */
export const BOUND_STATES: readonly LinkState[] = [
  'linked',
  'threat-gone',
  'issue-gone',
  'quarantined',
  'moved',
];
const SWEPT_STATES: readonly LinkState[] = [...BOUND_STATES, 'creating'];

/**
 * Before every run: the project is the one that was bound, and nobody sees it who should not.
 * Throws `project-public`, `project-taken` or `other-installation`.
 */
export async function lookAtProject(work: Work): Promise<void> {
  const { integration, tracker } = work.session;
  await work.lease.ensure();
  const project = await tracker.project(work.signal);
  const { bound } = integration;
  if (bound !== undefined && bound.projectId !== project.projectId)
    throw new AppError(
      'project-taken',
      `"${project.name}" is another project than the one this integration was connected to (id ${project.projectId} instead of ${bound.projectId}). Nothing is written. If that is right, delete the integration and create it again.`,
    );
  refusePublic(project, integration.allowPublic);
  refuseOthers(integration);
}

/** Two installations that write about the same threats would make every issue twice, and fight over them. */
function refuseOthers({ bound, allowOtherInstallation }: Integration): void {
  if (bound?.others === undefined || allowOtherInstallation) return;
  const { issues, sample } = bound.others;
  throw new AppError(
    'other-installation',
    `"${bound.name}" holds ${issues} issues that another installation of this service has made (${sample}). Is it still at work, or was this one's database lost? When both may write here, set "allowOtherInstallation": true on the integration; the plan suggests which of its issues belong to your threats.`,
  );
}

/** Threats are nobody's business but the team's. Throws `project-public` unless the owner said that it may be. */
export function refusePublic(project: Pick<BoundProject, 'name' | 'visibility'>, allowPublic: boolean): void {
  if (project.visibility !== 'public' || allowPublic) return;
  throw new AppError(
    'project-public',
    `"${project.name}" is public: everybody could read the threats. Make it private, or set "allowPublic": true on the integration.`,
  );
}

/** Mark what the tracker says has changed. The cursor moves with the marks, so that none is lost in a crash. */
export async function readChanges(work: Work): Promise<void> {
  const { session } = work;
  const integrationId = session.integration.id;
  const since = session.integration.cursor ?? null;
  for await (const page of session.tracker.changes(since, work.signal)) {
    await work.lease.ensure();
    await recording(work, async (tx) => {
      const links = await tx.links.byIssues(
        integrationId,
        page.refs.map((ref) => ref.id),
      );
      // Every child put under a parent changes it, and a listing shows no deletion: the sweep looks at parents.
      const bound = links.filter((link) => link.role !== 'parent' && BOUND_STATES.includes(link.state));
      await tx.dirty.mark(
        integrationId,
        bound.map((link) => ({ linkId: link.id, reason: 'issue' })),
      );
      await tx.integrations.note(integrationId, { cursor: page.cursor });
    });
  }
}

/** Mark every link: the rare look at everything that makes up for what nobody told us. */
export async function markAll(work: Work): Promise<void> {
  const integrationId = work.session.integration.id;
  const lastSweepAt = work.parts.clock.now().toISOString();
  await recording(work, async (tx) => {
    const ids = await tx.links.idsOf(integrationId, SWEPT_STATES);
    await tx.dirty.mark(
      integrationId,
      ids.map((linkId) => ({ linkId, reason: 'sweep' })),
    );
    await tx.integrations.note(integrationId, { lastSweepAt });
  });
}

/** A person who syncs by hand wants another try of what was set aside. */
export async function markSetAside(work: Work): Promise<void> {
  const integrationId = work.session.integration.id;
  await recording(work, async (tx) => {
    const ids = await tx.links.idsOf(integrationId, ['quarantined']);
    await tx.dirty.mark(
      integrationId,
      ids.map((linkId) => ({ linkId, reason: 'retry' })),
    );
  });
}
