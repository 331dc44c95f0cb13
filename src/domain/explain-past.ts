import { moment } from './moment.ts';
import type { PlanItem, Step } from './plan.ts';
import type { Fact, Situation } from './situation.ts';

/** Writes under way, the newest plan, the last run, the last delivery, the last error. */
export function pastFacts(situation: Situation): Fact[] {
  return [
    ...writeFacts(situation),
    ...errorFacts(situation),
    ...planFacts(situation),
    ...runFacts(situation),
    ...deliveryFacts(situation),
  ];
}

function writeFacts({ ops, link }: Situation): Fact[] {
  if (link?.state === 'creating' || link?.state === 'quarantined') return [];
  return ops.map((op) => ({
    about: 'write',
    sentence: `A ${op.kind === 'comment' ? 'comment' : 'change'} was sent on ${moment(op.createdAt)}, and whether it arrived is not known yet: the issue is read again.`,
    means: 'on-its-way',
  }));
}

function errorFacts({ link, retryLimit, lastRun }: Situation): Fact[] {
  const facts: Fact[] = [];
  if (link?.lastError !== undefined && link.failures > 0) {
    const { at, code, message } = link.lastError;
    facts.push({
      about: 'error',
      sentence: `The last try failed on ${moment(at)} (${code}, ${link.failures} of ${retryLimit}): ${message}`,
      means: 'failing',
    });
  }
  if (lastRun?.state === 'failed')
    facts.push({
      about: 'error',
      sentence: `The last run of the integration failed${on(lastRun.finishedAt)}: ${lastRun.error?.message ?? 'it did not say why.'}`,
      means: 'failing',
    });
  return facts;
}

function planFacts({ plan }: Situation): Fact[] {
  if (plan === undefined) return [];
  const head = `The newest plan (${moment(plan.createdAt)})`;
  return [
    { about: 'plan', sentence: plan.item === undefined ? `${head} has nothing about it.` : told(plan.item) },
  ];

  function told(item: PlanItem): string {
    switch (item.action) {
      case 'create':
      case 'recreate':
        return `${head} creates its issue.`;
      case 'none':
        return `${head} found nothing to do about it.`;
      case 'skip':
        return `${head} leaves it out: ${item.skip?.message ?? 'it does not say why.'}`;
      case 'detach':
        return `${head} lets its link go: its issue was moved to ${item.movedTo ?? 'another project'}.`;
      case 'update':
        return `${head} ${item.steps.map(wordsOf).join('; ')}.`;
    }
  }
}

function wordsOf(step: Step): string {
  switch (step.kind) {
    case 'push':
      return step.undo === undefined
        ? `writes ${step.field} to the issue${by(step)}`
        : `writes ${step.field} back to the issue`;
    case 'pull':
      return step.undo === undefined
        ? `takes ${step.field} "${step.to}" from the issue${by(step)}`
        : `sets ${step.field} of the threat back to "${step.to}"`;
    case 'restored':
      return `finds ${step.field} back as it was`;
    case 'agree':
      return `finds that both sides agree about ${step.field}`;
    case 'release':
      return `leaves ${step.field} to people${by(step)}`;
    case 'leave':
      return `leaves ${step.field} as a person edited it`;
    case 'conflict':
      return `asks a person about ${step.field}`;
    case 'withdraw':
      return `withdraws the question about ${step.field}`;
    case 'stuck':
      return `cannot write ${step.field}`;
    case 'question':
      return `asks why the issue was closed`;
  }
}

function by({ rule }: { rule?: string }): string {
  return rule === undefined ? '' : `, settled by rule ${rule}`;
}

function runFacts({ lastItem, lastRun, link }: Situation): Fact[] {
  if (lastRun === undefined) return [{ about: 'run', sentence: 'No run of the integration has ended yet.' }];
  if (link === undefined)
    return [{ about: 'run', sentence: `The last run of the integration ended${on(lastRun.finishedAt)}.` }];
  const head = `The last run${on(lastRun.finishedAt)}`;
  if (lastItem === undefined) return [{ about: 'run', sentence: `${head} had nothing to do about it.` }];
  const fields = lastItem.fields.length === 0 ? '' : ` (${lastItem.fields.join(', ')})`;
  const reason = lastItem.reason === undefined ? '.' : `: ${lastItem.reason.message}`;
  return [{ about: 'run', sentence: `${head} says "${lastItem.outcome}"${fields}${reason}` }];
}

function deliveryFacts({ delivery, integration, link }: Situation): Fact[] {
  if (link?.issue === undefined || integration === undefined) return [];
  if (delivery === undefined) {
    const sentence = `No webhook request that is still kept has named issue ${link.issue.key}.`;
    if (integration.webhook.kind === 'registered') return [{ about: 'delivery', sentence }];
    const todo = 'Without a webhook, changes in the tracker come at the next look: see `webhook` in status.';
    return [{ about: 'delivery', sentence, todo }];
  }
  const { event, reason, receivedAt, verdict } = delivery;
  const why = reason === undefined ? '.' : `: ${reason}`;
  return [
    {
      about: 'delivery',
      sentence: `The last webhook request about it came on ${moment(receivedAt)} ("${event}", ${verdict})${why}`,
    },
  ];
}

function on(iso: string | undefined): string {
  return iso === undefined ? '' : ` on ${moment(iso)}`;
}
