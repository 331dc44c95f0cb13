import type { FieldValues, Link, Op } from '../domain/link.ts';
import { homeOf, linkNames, statusOf, type Subject, subjectKey } from '../domain/mitigations.ts';
import { type Named, type ParentTarget, placeUnder } from '../domain/parent.ts';
import { isOpen, type ThreatModel } from '../domain/threat.ts';
import { put, threatValues } from '../domain/values.ts';
import { createDrafts, type Draft } from './create.ts';
import { placeChildren } from './place-children.ts';
import { targetsOf, underOf } from './targets.ts';
import { nowOf, type Work } from './work.ts';

/** A threat or a mitigation that shall get an issue; `link` when it was told before. */
export interface Wish {
  subject: Subject;
  model: ThreatModel;
  link?: Link;
}

/** Create issues, under their parents where they have one. */
export async function createIssues(work: Work, wishes: readonly Wish[]): Promise<void> {
  if (wishes.length === 0) return;
  const drafts = wishes.map((wish) => ({ wish, link: wish.link ?? newLink(work, wish.subject) }));
  const under = new Map(drafts.map(({ wish, link }) => [link.id, underOf(work, link, wish.model)]));
  const targets = await targetsOf(
    work,
    drafts.map(({ wish, link }) => ({ link, model: wish.model })),
  );
  const targetOf = (link: Link): ParentTarget | undefined => targets.get(under.get(link.id) ?? '');
  const bound = await createDrafts(
    work,
    drafts.map(({ wish, link }) => draftOf(work, wish, link, targetOf(link))),
  );
  await placeChildren(
    work,
    bound.flatMap(({ link, mark }) => {
      const parent = under.get(link.id);
      return parent === undefined ? [] : [{ link, under: parent, mark }];
    }),
    targets,
  );
}

function draftOf(work: Work, wish: Wish, link: Link, parent: ParentTarget | undefined): Draft {
  const payload = payloadOf(work, wish, parent);
  const isTold = wish.link !== undefined;
  const key = subjectKey(wish.subject);
  const of = homeOf(wish.subject).version;
  return { link, isTold, key, payload, of, ...(parent === undefined ? {} : { parent }) };
}

/** The status is not part of a create: an issue begins open. What it shows beyond that is pushed by the next step. */
function payloadOf(work: Work, wish: Wish, parent: ParentTarget | undefined): Omit<Op['payload'], 'mark'> {
  const { session } = work;
  const named: Named = parent?.kind === 'mention' ? { parent: parent.issue } : {};
  const issue = put(wish.subject, wish.model, session.integration.mapping, session.shape, named);
  const threat: FieldValues = threatValues(wish.subject, session.shape, named);
  const isShown = issue.status === 'open';
  return {
    threat: isShown ? threat : { ...threat, status: null },
    issue: { ...issue, status: 'open' },
    ...(parent?.kind === 'mention' ? { placed: placeUnder(parent, { kind: 'mention' }, nowOf(work)) } : {}),
  };
}

function newLink(work: Work, subject: Subject): Link {
  const at = nowOf(work);
  const status = statusOf(subject);
  return {
    id: work.parts.chance.uuid(),
    integrationId: work.session.integration.id,
    ...linkNames(subject),
    state: 'creating',
    stateSince: at,
    fields: {},
    lastOpenStatus: isOpen(status) ? status : 'identified',
    closedByUs: false,
    failures: 0,
    version: 1,
    createdAt: at,
  };
}
