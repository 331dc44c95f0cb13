import { wordsOfAcceptance } from './acceptance.ts';
import type { Link } from './link.ts';
import { moment } from './moment.ts';
import type { Fact, Situation } from './situation.ts';

/** Whether there is an issue, and what the link between the two waits for. */
export function stateFacts(situation: Situation): Fact[] {
  const { link } = situation;
  if (link === undefined) return withoutLink(situation);
  const role: Fact[] =
    link.role === 'parent'
      ? [
          {
            about: 'state',
            sentence:
              'This is the issue of a threat model, under which others stand: it is made once, and neither changed nor closed.',
          },
        ]
      : [];
  return [
    ...role,
    stateOf(link, situation),
    ...reasonOf(link),
    ...missingOf(link),
    ...acceptanceFacts(situation),
  ];
}

/** Until when nobody has to do anything about the threat. */
function acceptanceFacts({ threat }: Situation): Fact[] {
  const words = threat === undefined ? undefined : wordsOfAcceptance(threat);
  if (threat?.acceptance === undefined || words === undefined) return [];
  const since = moment(threat.acceptance.since);
  const { expiresAt } = threat.acceptance;
  return [
    {
      about: 'state',
      sentence: `The risk is ${words} (since ${since}).`,
      ...(expiresAt === undefined
        ? {}
        : { todo: `To renew it, PATCH the threat with a later acceptance.expiresAt before ${expiresAt}.` }),
    },
  ];
}

function withoutLink({ integration, refusal, threat }: Situation): Fact[] {
  if (refusal?.code === 'models-not-chosen')
    return [
      {
        about: 'filter',
        sentence: refusal.message,
        todo: 'Name the models in filter.models.',
        means: 'waits-for-person',
      },
    ];
  if (refusal !== undefined)
    return [
      { about: 'state', sentence: `${name(threat)} has no issue in this integration.` },
      { about: 'filter', sentence: refusal.message, todo: todoOf(refusal.code), means: 'left-out' },
    ];
  const where = integration === undefined ? '' : ` in "${integration.name}"`;
  return [
    {
      about: 'state',
      sentence: `${name(threat)} has no issue${where} yet; the filter takes it.`,
      means: 'on-its-way',
    },
  ];
}

function todoOf(code: string): string {
  switch (code) {
    case 'threat-missing':
      return 'Import the model with the threat in it again.';
    case 'linked-elsewhere':
      return 'Set filter.alsoLinked to true, to have an issue in both trackers.';
    default:
      return 'Change the filter of the integration, or link an existing issue by hand.';
  }
}

function stateOf(link: Link, { ops, threat, retryLimit }: Situation): Fact {
  const since = moment(link.stateSince);
  const issue = link.issue === undefined ? 'its issue' : `issue ${link.issue.key}`;
  switch (link.state) {
    case 'creating':
      return {
        about: 'state',
        sentence: ops.some((op) => op.kind === 'create')
          ? 'Its issue is being created; whether the tracker has made it is not known yet.'
          : 'Its issue is to be created; the tracker does not have it yet.',
        means: 'on-its-way',
      };
    case 'linked':
      return { about: 'state', sentence: `${name(threat, link)} and ${issue} are linked since ${since}.` };
    case 'dormant':
      return {
        about: 'state',
        sentence: `The link to ${issue} rests since ${since}: its integration or its model is not bound any more.`,
        todo: 'Create the integration again for the same project, then start a sync.',
        means: 'stopped',
      };
    case 'threat-gone':
      return {
        about: 'state',
        sentence: `${name(threat, link)} is no longer in its model since ${since}; ${issue} gets no more changes.`,
        todo: 'Import the model with the threat in it again, or detach the link.',
        means: 'stopped',
      };
    case 'issue-gone':
      return {
        about: 'state',
        sentence: `The tracker does not have ${issue} any more since ${since}; a second one is never made by itself.`,
        todo: 'Restore the issue in the tracker, or detach the link and bind another issue by hand.',
        means: 'waits-for-person',
      };
    case 'moved':
      return {
        about: 'state',
        sentence: `The tracker says that ${issue} has moved; it is followed at the next look.`,
        means: 'on-its-way',
      };
    case 'quarantined':
      return {
        about: 'state',
        sentence:
          link.failures >= retryLimit
            ? `The link was set aside on ${since} after ${link.failures} failures: nothing is written until a person retries it.`
            : `The link was set aside on ${since}: nothing is written until a person retries it.`,
        todo: `Mend the cause, then POST /api/integrations/${link.integrationId}/dead-letters/retry, or …/discard.`,
        means: 'waits-for-person',
      };
    case 'detached':
      return {
        about: 'state',
        sentence: `The link was ended on ${since}: nothing is synchronised, and no new issue is made.`,
        todo: 'To begin again, bind an issue to the threat by hand.',
        means: 'left-out',
      };
  }
}

function reasonOf({ stateReason }: Link): Fact[] {
  return stateReason === undefined ? [] : [{ about: 'state', sentence: stateReason }];
}

function missingOf({ missingSince, state }: Link): Fact[] {
  if (missingSince === undefined || state === 'issue-gone') return [];
  return [
    {
      about: 'state',
      sentence: `The tracker did not show the issue on ${moment(missingSince)}; it takes a second look to believe that it is gone.`,
      todo: 'If it is there, let the account of the integration see it.',
      means: 'failing',
    },
  ];
}

function name(threat: Situation['threat'], link?: Pick<Link, 'role' | 'mitigationKey'>): string {
  const number = threat === undefined ? '' : ` TM-${threat.number}`;
  if (link?.role === 'mitigation')
    return `Mitigation "${link.mitigationKey}" of ${number === '' ? 'the threat' : `threat${number}`}`;
  return number === '' ? 'The threat' : `Threat${number}`;
}
