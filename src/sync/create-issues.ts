import type { FieldValues, Link, Op } from '../domain/link.ts';
import { type Mention, type ParentTarget, placeUnder } from '../domain/parent.ts';
import { isOpen, type Threat, type ThreatModel } from '../domain/threat.ts';
import { put, threatValues } from '../domain/values.ts';
import { createDrafts, type Draft } from './create.ts';
import { parentTargets } from './parents.ts';
import { placeChildren } from './place-children.ts';
import { nowOf, type Work } from './work.ts';

/** A threat that shall get an issue; `link` when it was told before. */
export interface Wish {
  threat: Threat;
  model: ThreatModel;
  link?: Link;
}

/** Create the issues of threats, under their parents where they have one. */
export async function createIssues(work: Work, wishes: readonly Wish[]): Promise<void> {
  if (wishes.length === 0) return;
  const targets = await parentTargets(
    work,
    wishes.map((wish) => wish.model),
  );
  const models = new Map(wishes.map(({ threat, model }) => [threat.id, model.id]));
  const bound = await createDrafts(
    work,
    wishes.map((wish) => draftOf(work, wish, targets.get(wish.model.id))),
  );
  const children = bound.flatMap(({ link, mark }) => {
    const modelId = models.get(link.threatId);
    return modelId === undefined ? [] : [{ link, modelId, mark }];
  });
  await placeChildren(work, children, targets);
}

function draftOf(work: Work, wish: Wish, parent: ParentTarget | undefined): Draft {
  const link = wish.link ?? newLink(work, wish.threat);
  const payload = payloadOf(work, wish, parent);
  const isTold = wish.link !== undefined;
  return { link, isTold, key: wish.threat.key, payload, ...(parent === undefined ? {} : { parent }) };
}

/** The status is not part of a create: an issue begins open. What a threat shows beyond that is pushed by the next step. */
function payloadOf(work: Work, wish: Wish, parent: ParentTarget | undefined): Omit<Op['payload'], 'mark'> {
  const { session } = work;
  const mention: Mention | undefined = parent?.kind === 'mention' ? parent.issue : undefined;
  const issue = put(wish.threat, wish.model, session.integration.mapping, session.shape, mention);
  const threat: FieldValues = threatValues(wish.threat, session.shape, mention);
  const isShown = issue.status === 'open';
  return {
    threat: isShown ? threat : { ...threat, status: null },
    issue: { ...issue, status: 'open' },
    ...(parent?.kind === 'mention' ? { placed: placeUnder(parent, { kind: 'mention' }, nowOf(work)) } : {}),
  };
}

function newLink(work: Work, threat: Threat): Link {
  const at = nowOf(work);
  return {
    id: work.parts.chance.uuid(),
    integrationId: work.session.integration.id,
    threatId: threat.id,
    role: 'threat',
    mitigationKey: '',
    state: 'creating',
    stateSince: at,
    fields: {},
    lastOpenStatus: isOpen(threat.status) ? threat.status : 'identified',
    closedByUs: false,
    failures: 0,
    version: 1,
    createdAt: at,
  };
}
