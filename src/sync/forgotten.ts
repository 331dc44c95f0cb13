import { recognise, type Claimant } from '../domain/forgotten.ts';
import type { Integration } from '../domain/integration.ts';
import type { Issue } from '../domain/issue.ts';
import { type Link, threatOf } from '../domain/link.ts';
import { keyFingerprint, readMark } from '../domain/mark.ts';
import {
  homeOf,
  linkNames,
  nameOf,
  type Subject,
  subjectKey,
  subjectsOfModel,
} from '../domain/mitigations.ts';
import type { ThreatModel } from '../domain/threat.ts';
import { issueValues, put } from '../domain/values.ts';
import type { Tx } from '../ports/repositories.ts';
import { boundFilter } from './bound-filter.ts';
import { linkWithoutPast } from './link-without-past.ts';
import { onlyPlan } from './rewind.ts';
import { integrationOf, type Session } from './session.ts';
import { nowOf, recording, type Work } from './work.ts';

/** Looked for from this long before, because the tracker's clock is not ours. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;
const PAGE = 500;

/**
 * An issue that we made for a threat, or a mitigation, and whose link the database does not know, or knows without an issue and
 * without a write under way: it was put back in time.
 */
interface Forgotten {
  linkId: string;
  subject: Subject;
  issue: Issue;
  /** The link, where it is known. */
  unbound?: Link;
}

/**
 * Restore the links of issues that were made after the moment to which the database was put back: without them each would be
 * made a second time. They have no past, so what differs is asked. Done once more when a person has said yes.
 */
export async function restoreForgotten(work: Work): Promise<void> {
  const { integration, connection } = work.session;
  const { rewound } = integration;
  if (rewound === undefined || rewound.settledAt !== undefined) return;
  const marked = await markedSince(work, rewound.since);
  const at = nowOf(work);
  const known = await recording(work, async (tx) => {
    const { found, unsure } = await forgottenOf(tx, work, marked, await subjectsOf(tx, integration));
    for (const { linkId, subject, issue, unbound } of found) {
      const link = linkWithoutPast({ id: linkId, integrationId: integration.id, subject, issue, at });
      if (unbound === undefined) await tx.links.insert(link, connection.host);
      else await tx.links.update({ ...link, version: unbound.version, createdAt: unbound.createdAt });
      await tx.dirty.mark(integration.id, [{ linkId, reason: 'sweep' }]);
      await tx.journal.add([
        {
          at,
          actor: 'sync',
          action: 'link-restored',
          runId: work.run.id,
          integrationId: integration.id,
          linkId,
          ...threatOf(link),
          after: issue.url,
        },
      ]);
    }
    const settled = integration.state === 'new' ? {} : { settledAt: at };
    await tx.integrations.note(integration.id, { rewound: { ...rewound, ...settled, unsure } });
    return integrationOf(tx, integration.id);
  });
  work.session = { ...work.session, integration: known };
}

/**
 * Before this process first works an integration that was there before it: an issue of ours whose link is not known shows a
 * database that was put back in time. Then the tenant's integrations only plan, this one in this very pass.
 */
export async function lookForForgotten(work: Work): Promise<void> {
  const { integration, tenantId } = work.session;
  const { lookedThrough } = work.parts;
  if (integration.state === 'new' || lookedThrough.has(integration.id)) return;
  const last = await work.parts.store.tenant(tenantId).transact((tx) => tx.runs.last(integration.id));
  const marked = await markedSince(work, last?.createdAt ?? integration.createdAt);
  const at = nowOf(work);
  const noted = await recording(work, async (tx) => {
    const { found, unsure } = await forgottenOf(tx, work, marked, await subjectsOf(tx, integration));
    const asked = integration.rewound?.unsure ?? [];
    const isUnknown = found.some(({ unbound }) => unbound === undefined);
    if (isUnknown || unsure.some((name) => !asked.includes(name))) await onlyPlan(tx, at);
    return integrationOf(tx, integration.id);
  });
  lookedThrough.add(integration.id);
  work.session = { ...work.session, integration: noted };
}

/** Issues by the text of their mark. */
async function markedSince(work: Work, since: string): Promise<ReadonlyMap<string, readonly Issue[]>> {
  await work.lease.ensure();
  const from = new Date(Date.parse(since) - CLOCK_SLACK_MS).toISOString();
  return work.session.tracker.findMarked(work.session.clock.translate(from), work.signal);
}

/** Of issues with a valid mark of an unknown link, made by an account of ours, whose they are as far as can be told. */
async function forgottenOf(
  tx: Tx,
  { session, markKey }: Work,
  marked: ReadonlyMap<string, readonly Issue[]>,
  subjects: readonly Subject[],
): Promise<{ found: readonly Forgotten[]; unsure: readonly string[] }> {
  const { integration, shape } = session;
  const accounts = integration.bound?.accountIds ?? [];
  const candidates = [...marked].flatMap(([text, issues]) => {
    const mark = readMark(text, markKey);
    const [issue, ...more] = issues.filter((each) => accounts.includes(each.authorId));
    return mark === undefined || issue === undefined || more.length > 0 ? [] : [{ ...mark, issue }];
  });
  const known = await tx.links.many(candidates.map(({ linkId }) => linkId));
  const taken = await tx.links.byIssues(
    integration.id,
    candidates.map(({ issue }) => issue.ref.id),
  );
  const isTaken = (issue: Issue): boolean => taken.some((link) => link.issue?.id === issue.ref.id);
  const unknown = candidates.filter(
    ({ linkId, issue }) => !known.some((link) => link.id === linkId) && !isTaken(issue),
  );
  const bare = known.filter((link) => link.role !== 'parent' && link.issue === undefined);
  const told = new Set((await tx.ops.open(bare.map(({ id }) => id))).map(({ linkId }) => linkId));
  const returned = bare.flatMap((unbound): Forgotten[] => {
    const issue = candidates.find(({ linkId }) => linkId === unbound.id)?.issue;
    const subject = subjects.find((each) => nameOf(linkNames(each)) === nameOf(unbound));
    const isMissing = issue === undefined || subject === undefined;
    return isMissing || told.has(unbound.id) || isTaken(issue)
      ? []
      : [{ linkId: unbound.id, subject, issue, unbound }];
  });
  if (unknown.length === 0) return { found: returned, unsure: [] };
  const { pairs, unsure } = recognise(
    unknown.map(({ linkId, key, issue }) => ({
      linkId,
      key,
      shows: issueValues(issue, integration.mapping, shape, []),
    })),
    await claimantsOf(tx, session, subjects),
  );
  const found = pairs.flatMap(({ linkId, name }) => {
    const issue = unknown.find((each) => each.linkId === linkId)?.issue;
    const subject = subjects.find((each) => nameOf(linkNames(each)) === name);
    return issue === undefined || subject === undefined ? [] : [{ linkId, subject, issue }];
  });
  return { found: [...returned, ...found], unsure };
}

async function claimantsOf(tx: Tx, session: Session, subjects: readonly Subject[]): Promise<Claimant[]> {
  const { integration, shape } = session;
  const links = await tx.links.ofThreats([...new Set(subjects.map((each) => homeOf(each).id))]);
  const linked = new Set(links.filter((link) => link.integrationId === integration.id).map(nameOf));
  const models = new Map<string, ThreatModel>();
  for (const id of new Set(subjects.map((each) => homeOf(each).modelId))) {
    const model = await tx.models.get(id);
    if (model !== undefined) models.set(id, model);
  }
  return subjects.flatMap((subject) => {
    const model = models.get(homeOf(subject).modelId);
    if (model === undefined) return [];
    const name = nameOf(linkNames(subject));
    const key = keyFingerprint(subjectKey(subject));
    return [{ name, key, isFree: !linked.has(name), wants: put(subject, model, integration.mapping, shape) }];
  });
}

/** All that may go to this integration, whatever its filter says of severities: it may have been linked before. */
async function subjectsOf(tx: Tx, { filter }: Integration): Promise<readonly Subject[]> {
  const bound = await boundFilter(tx, filter);
  if (bound === undefined) return [];
  const subjects: Subject[] = [];
  for (const modelId of bound.models ?? (await allModels(tx)))
    subjects.push(...subjectsOfModel(await tx.threats.ofModel(modelId)));
  return subjects;
}

async function allModels(tx: Tx): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await tx.models.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === undefined) return ids;
    cursor = page.nextCursor;
  }
}
