import { nameOfField, quoted, titleOfField } from './field-words.ts';
import { type FieldKey, type FieldState, type Link } from './link.ts';
import { moment } from './moment.ts';
import type { Fact, Situation } from './situation.ts';
import { keysOfFields } from './values.ts';

/** Fields that wait for something, and what is not agreed yet; the others go on. */
export function fieldFacts(situation: Situation): Fact[] {
  const { link } = situation;
  if (link?.state !== 'linked' && link?.state !== 'dormant') return [];
  const waiting = keysOfFields(link.fields).flatMap((field) => {
    const state = link.fields[field];
    return state === undefined ? [] : [factOf(field, state, situation)];
  });
  return [...withoutPast(link), ...waiting];
}

function withoutPast(link: Link): Fact[] {
  if (link.base !== undefined || link.role === 'parent') return [];
  return [
    {
      about: 'field',
      sentence: 'The issue was bound by hand, and both sides have not been compared yet.',
      todo: 'Start a sync by hand: only such a one adds our part to the text of the issue.',
      means: 'on-its-way',
    },
  ];
}

function factOf(field: FieldKey, state: FieldState, situation: Situation): Fact {
  const what = titleOfField(field);
  const since = moment(state.since);
  switch (state.kind) {
    case 'conflict':
      return conflict(field, state, situation);
    case 'hold':
      return waits(
        `${what} is held as it is since ${since}, after an undo${held(field, state)}.`,
        `Change it on the side that is right, or let the sync decide again: POST /api/links/${situation.link?.id ?? ''}/fields/${encodeURIComponent(field)}/release.`,
      );
    case 'released':
      return {
        about: 'field',
        sentence: `${what} belongs to people since ${since}: they changed it in the issue, and the threat's is not written over it.`,
      };
    case 'edited':
      return {
        about: 'field',
        sentence: `${what} was edited in the issue on ${since}; it stays so until the threat changes, and then you are asked.`,
      };
    case 'needs-answer':
      if (state.value !== 'dropped')
        return waits(
          `The issue was closed as done by ${since}, but not every mitigation of the threat is, so the threat keeps its status${asked(state.askedAt)}.`,
          'Finish the mitigations, reject those that are not needed, or reopen the issue.',
        );
      return waits(
        `The issue was closed by ${since} without saying why, so the threat keeps its status${asked(state.askedAt)}.`,
        'Give the issue a label such as tm-accepted, close it as done, or set the status of the threat.',
      );
    case 'awaits-verification':
      return waits(
        `The issue was closed as done by ${since}, and awaits verification: the threat is not mitigated before.`,
        'Add the label tm-verified to the closed issue, or set the status of the threat to mitigated.',
      );
    case 'needs-mapping':
      return waits(
        `The tracker cannot take ${quoted(state.to)} as ${nameOfField(field)} since ${since}: ${sentence(state.reason)}`,
        'Change the mapping or the tracker as it says, then sync by hand.',
      );
  }
}

function asked(askedAt: string | undefined): string {
  return askedAt === undefined ? '' : '; a comment asks';
}

function conflict(
  field: FieldKey,
  { choice, conflictId }: Extract<FieldState, { kind: 'conflict' }>,
  { conflicts }: Situation,
): Fact {
  const what = titleOfField(field);
  if (choice !== undefined)
    return {
      about: 'field',
      sentence: `A person chose to keep the ${choice.keep}'s side of ${nameOfField(field)}; the next run does so if neither side has changed since.`,
      means: 'on-its-way',
    };
  const open = conflicts.find((each) => each.id === conflictId);
  const values =
    open === undefined || field === 'block'
      ? ''
      : ` (the threat says ${quoted(open.threat)}, the issue ${quoted(open.issue)})`;
  const since = open === undefined ? '' : ` Seen since ${moment(open.firstSeenAt)}.`;
  return waits(
    `${what} differs and a person must choose${values}; nothing is overwritten.${since}`,
    `Choose a side: POST /api/conflicts/${conflictId}/resolution.`,
  );
}

/** What both sides show; a text is too long to be told. */
function held(field: FieldKey, { threat, issue }: Extract<FieldState, { kind: 'hold' }>): string {
  return field === 'block' ? '' : `: the threat says ${quoted(threat)}, the issue ${quoted(issue)}`;
}

function waits(text: string, todo: string): Fact {
  return { about: 'field', sentence: text, todo, means: 'waits-for-person' };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
