import type { Integration, Policy } from './integration.ts';
import { moment } from './moment.ts';
import { wordsOfRule } from './rules.ts';
import type { Fact, Situation } from './situation.ts';

/** What of the integration as a whole stands in the way of every pair. */
export function integrationFacts({ integration, isSynchronised, link, paused }: Situation): Fact[] {
  if (integration === undefined)
    return [
      {
        about: 'integration',
        sentence: 'The integration of this link was deleted.',
        todo: 'Create it again for the same project: the link goes on with its past.',
        means: 'stopped',
      },
    ];
  const facts: Fact[] = [];
  if (!isSynchronised)
    facts.push(
      stopped('This version stores the integration but does not synchronise its kind of tracker yet.'),
    );
  if (paused)
    facts.push(
      stopped('The operator has paused all synchronisation.', 'Ask the operator to unset SYNC_PAUSED.'),
    );
  if (!integration.enabled) facts.push(stopped('The integration is disabled.', 'Set "enabled": true on it.'));
  return [...facts, ...stateFacts(integration, link !== undefined)];
}

function stateFacts({ state, stateReason, stateSince }: Integration, isLinked: boolean): Fact[] {
  const since = moment(stateSince);
  switch (state) {
    case 'new':
      if (stateReason !== undefined && stateReason !== '')
        return [
          {
            about: 'integration',
            sentence: stateReason,
            todo: 'Look at the plan, then start a sync.',
            means: 'waits-for-person',
          },
        ];
      return [
        {
          about: 'integration',
          sentence: isLinked
            ? 'Only chosen items of a plan were written so far: nothing more is, before a sync of the whole.'
            : 'The integration has only been planned so far: nothing is written before its first sync.',
          todo: isLinked
            ? 'Start a sync without `items`, or choose more of a new plan.'
            : 'Look at the plan, then start the first sync.',
          means: 'waits-for-person',
        },
      ];
    case 'paused':
      return [
        stopped(`The integration is paused since ${since}.`, 'Mend the cause, then sync by hand.'),
        ...why(stateReason),
      ];
    case 'reconnect-needed':
      return [
        stopped(`The tracker refuses the credentials since ${since}.`, 'Give the integration new ones.'),
        ...why(stateReason),
      ];
    case 'braked':
      return [
        {
          about: 'integration',
          sentence: `A run holds back since ${since} what a person must see first.`,
          todo: 'Look at its plan and approve that by its id.',
          means: 'waits-for-person',
        },
        ...why(stateReason),
      ];
    case 'active':
    case 'deleted':
      return [];
  }
}

/** The rules by which the pair is kept together. */
export function ruleFacts({ integration, link, threat }: Situation): Fact[] {
  if (integration === undefined || threat === undefined || link?.role === 'parent') return [];
  const { mapping } = integration;
  const facts: Fact[] = [
    ...(mapping.rules ?? []).map((each, index) =>
      rule(`Rule ${index + 1}, before any policy: ${wordsOfRule(each)}.`),
    ),
    rule(whoWins('the status', mapping.policies.status)),
    rule(whoWins('the title', mapping.policies.title)),
    rule(whoWins('our part of the text', mapping.policies.block)),
  ];
  const agreed = link?.base?.mappingVersion;
  if (agreed !== undefined && agreed !== mapping.version)
    facts.push(
      rule(
        `The mapping was changed after both sides last agreed (version ${agreed}, now ${mapping.version}): they are compared anew at the next look.`,
      ),
    );
  if (threat.presence === 'missing')
    facts.push(
      rule(
        mapping.missing === 'close'
          ? 'The issue of a threat that stays missing is closed after the grace time (mapping.missing is "close").'
          : 'The issue of a threat that stays missing is left open (mapping.missing is "keep").',
      ),
    );
  return facts;
}

function whoWins(what: string, policy: Policy): string {
  const both = `Where both sides changed ${what} differently,`;
  switch (policy) {
    case 'threat':
      return `${both} the threat wins.`;
    case 'issue':
      return `${both} the issue wins.`;
    case 'newest':
      return `${both} the newer change wins; a person chooses where it is not known which is newer.`;
    case 'ask':
      return `${both} a person chooses.`;
  }
}

function rule(sentence: string): Fact {
  return { about: 'rule', sentence };
}

function stopped(sentence: string, todo?: string): Fact {
  return { about: 'integration', sentence, ...(todo === undefined ? {} : { todo }), means: 'stopped' };
}

function why(reason: string | undefined): Fact[] {
  return reason === undefined || reason === '' ? [] : [{ about: 'integration', sentence: reason }];
}
