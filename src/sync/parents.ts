import { TrackerError } from '../domain/errors.ts';
import type { Integration, NamedParent, ParentChoice } from '../domain/integration.ts';
import type { ParentRef } from '../domain/issue.ts';
import type { Link } from '../domain/link.ts';
import {
  parentBlock,
  parentKey,
  type ParentPlacing,
  type ParentTarget,
  parentTitle,
} from '../domain/parent.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { createDrafts, type Draft } from './create.ts';
import { nowOf, recording, type Work } from './work.ts';

type Choice = ParentChoice & { since: string };

/**
 * What the issues of these models can be put under now, by model id. A parent that was never made is made; one that is gone
 * is not made again until a person asks for parents anew.
 */
export async function parentTargets(
  work: Work,
  models: readonly ThreatModel[],
): Promise<ReadonlyMap<string, ParentTarget>> {
  const { parent, state } = work.session.integration;
  if (parent === undefined || state === 'new') return new Map();
  const wanted = new Map(models.map((model) => [model.id, model]));
  if (parent.kind === 'issue') {
    const named = await namedTarget(work, parent);
    return new Map(named === undefined ? [] : [...wanted.keys()].map((id) => [id, named]));
  }
  const known = await parentsOf(work, [...wanted.keys()]);
  const missing = [...wanted.values()].filter((model) => isWanted(known.get(model.id), parent.since));
  if (missing.length > 0) await makeParents(work, missing, known);
  const links = missing.length > 0 ? await parentsOf(work, [...wanted.keys()]) : known;
  const targets = new Map<string, ParentTarget>();
  for (const [modelId, link] of links) {
    const target = await targetUnder(work, link, parent.since);
    if (target !== undefined) targets.set(modelId, target);
  }
  return targets;
}

/** Create again the parents whose issues surely do not exist, unless parents were switched off meanwhile. */
export async function remakeParents(
  work: Work,
  parents: readonly { link: Link; model: ThreatModel }[],
): Promise<void> {
  if (parents.length === 0) return;
  if (work.session.integration.parent?.kind !== 'model') {
    const stateReason = 'Parents were switched off before it was made.';
    const resting = { state: 'quarantined', stateSince: nowOf(work), stateReason } as const;
    return recording(work, async (tx) => {
      for (const { link } of parents) await tx.links.update({ ...link, ...resting });
    });
  }
  await createDrafts(
    work,
    parents.map(({ link, model }) => draftOf(work, model, link)),
  );
}

/** The newest parent of each of these models in an integration, whatever has become of it. */
export async function newestParents(
  tx: Tx,
  integrationId: string,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, Link>> {
  const links = await tx.links.ofThreats(modelIds);
  const parents = links.filter((link) => link.role === 'parent' && link.integrationId === integrationId);
  return new Map(parents.map((link) => [link.threatId, link]));
}

/** Shall this model's parent be made: it never was, or parents were asked for anew after it had gone. */
export function isWanted(link: Link | undefined, since: string): boolean {
  if (link === undefined) return true;
  return ['issue-gone', 'detached', 'quarantined'].includes(link.state) && link.stateSince < since;
}

async function parentsOf(work: Work, modelIds: readonly string[]): Promise<ReadonlyMap<string, Link>> {
  const { tenantId, integration } = work.session;
  return work.parts.store.tenant(tenantId).transact((tx) => newestParents(tx, integration.id, modelIds));
}

async function makeParents(
  work: Work,
  models: readonly ThreatModel[],
  known: ReadonlyMap<string, Link>,
): Promise<void> {
  const gone = models.flatMap((model) => known.get(model.id) ?? []);
  await recording(work, async (tx) => {
    for (const link of gone)
      if (link.state !== 'detached')
        await tx.links.update({ ...link, state: 'detached', stateSince: nowOf(work) });
  });
  work.tally.total += models.length;
  await createDrafts(
    work,
    models.map((model) => draftOf(work, model)),
  );
}

function draftOf(work: Work, model: ThreatModel, told?: Link): Draft {
  const { shape } = work.session;
  const labels = shape.fields.has('label:*') ? shape.labels : [];
  return {
    link: told ?? newLink(work, model),
    isTold: told !== undefined,
    key: parentKey(model),
    payload: {
      threat: {},
      issue: {
        title: shape.canonTitle(shape.title(parentTitle(model), shape.titleLimit)),
        block: shape.canonBlock(shape.block(parentBlock(model), shape.blockLimit)),
        ...Object.fromEntries(labels.map((label) => [`label:${label}`, 'present'])),
      },
    },
  };
}

function newLink(work: Work, model: ThreatModel): Link {
  const at = nowOf(work);
  return {
    id: work.parts.chance.uuid(),
    integrationId: work.session.integration.id,
    threatId: model.id,
    role: 'parent',
    mitigationKey: '',
    state: 'creating',
    stateSince: at,
    fields: {},
    lastOpenStatus: 'identified',
    closedByUs: false,
    failures: 0,
    version: 1,
    createdAt: at,
  };
}

/** What others can be put under, asked for once since then; undefined = it is not linked, or not found. */
export async function targetUnder(work: Work, link: Link, since: string): Promise<ParentTarget | undefined> {
  const { issue } = link;
  if (link.state !== 'linked' || issue === undefined) return undefined;
  if (link.placing?.since === since) return { id: link.id, issue, kind: link.placing.kind };
  const placing = await askPlacing(work, issue);
  await recording(work, async (tx) => {
    const current = await tx.links.get(link.id);
    if (placing === undefined)
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'issue' }]);
    else if (current?.state === 'linked')
      await tx.links.update({ ...current, placing: { ...placing, since } });
  });
  return placing === undefined ? undefined : { id: link.id, issue, kind: placing.kind };
}

/** Undefined: the tracker does not find the parent, which is no proof that it is gone. */
async function askPlacing(work: Work, issue: ParentRef): Promise<ParentPlacing | undefined> {
  await work.lease.ensure();
  try {
    return await work.session.tracker.placing(issue, work.signal);
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'tracker-not-found') return undefined;
    throw error;
  }
}

/** The issue that a person named, looked up once. */
async function namedTarget(
  work: Work,
  choice: Extract<Choice, { kind: 'issue' }>,
): Promise<ParentTarget | undefined> {
  const known = work.session.integration.namedParent;
  const named = known?.since === choice.since ? known : await lookUp(work, choice);
  const { issue, placing, gone } = named;
  if (issue === undefined || placing === undefined || gone !== undefined) return undefined;
  return { id: issue.id, issue, kind: placing.kind };
}

async function lookUp(work: Work, { key, since }: Extract<Choice, { kind: 'issue' }>): Promise<NamedParent> {
  await work.lease.ensure();
  const found = await work.session.tracker.find(key, work.signal);
  const issue = found === undefined ? undefined : { ...found.ref, url: found.url };
  const placing = issue === undefined ? undefined : await askPlacing(work, issue);
  const named: NamedParent = {
    since,
    ...(issue === undefined ? {} : { issue }),
    ...(placing === undefined ? {} : { placing }),
  };
  await noteNamed(work, named);
  return named;
}

/** Keeps what is known of the named parent. */
export async function noteNamed(work: Work, namedParent: NamedParent): Promise<void> {
  const integration: Integration = { ...work.session.integration, namedParent };
  await recording(work, (tx) => tx.integrations.note(integration.id, { namedParent }));
  work.session = { ...work.session, integration };
}
