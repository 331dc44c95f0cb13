import { refuse } from './answers.ts';
import type { Draft } from './draft.ts';
import { textOf } from './draft.ts';
import { findField } from './fields.ts';
import { mayMove } from './processes.ts';
import type { FieldUse, WorkItem } from './state.ts';
import { splitTags } from './tags.ts';

interface RuleFault {
  referenceName: string;
  /** As the service lists them, such as `Required, InvalidEmpty`. */
  codes: string;
}

const TITLE_LIMIT = 255;
const TEXT_LIMIT = 1_000_000;
const TAG_LIMIT = 100;
const TAG_LENGTH = 400;
const NOT_IN_LIST = 'HasValues, LimitedToValues, InvalidListValue';

/** Refuses a draft that the rules of its type do not allow, with all that is wrong. */
export function checkRules(draft: Draft): void {
  const faults = [...stateFaults(draft), ...writeFaults(draft), ...valueFaults(draft)];
  const [first] = faults;
  if (first === undefined) return;
  const errors = faults.map((each) => ({
    fieldReferenceName: each.referenceName,
    fieldStatusFlags: each.codes,
    errorMessage: messageOf(draft, each),
    fieldStatusCode: 0,
    ruleValidationErrors: null,
  }));
  throw refuse(400, 'RuleValidationException', messageOf(draft, first), {
    customProperties: { RuleValidationErrors: errors },
  });
}

/** Limits that hold even for those who may bypass rules. */
export function checkLimits(draft: Draft): void {
  const tags = splitTags(textOf(draft.fields, 'System.Tags'));
  if (tags.length > TAG_LIMIT || tags.some((tag) => tag.length > TAG_LENGTH))
    throw refuse(
      400,
      'WorkItemTagLimitExceededException',
      `VS402618: A work item holds at most ${TAG_LIMIT} tags of at most ${TAG_LENGTH} characters.`,
    );
  for (const [referenceName, value] of draft.fields) {
    if (typeof value !== 'string') continue;
    const limit = referenceName === 'System.Title' ? TITLE_LIMIT : TEXT_LIMIT;
    if (value.length <= limit) continue;
    const fault = { referenceName, codes: 'InvalidTooLong' };
    throw refuse(400, 'RuleValidationException', messageOf(draft, fault), {
      customProperties: {
        RuleValidationErrors: [
          {
            fieldReferenceName: referenceName,
            fieldStatusFlags: fault.codes,
            errorMessage: messageOf(draft, fault),
          },
        ],
      },
    });
  }
}

function messageOf(draft: Draft, { referenceName, codes }: RuleFault): string {
  const name = findField(draft.project.organization.fields, referenceName)?.name ?? referenceName;
  return `TF401320: Rule Error for field ${name}. Error code: ${codes}.`;
}

function stateFaults({ item, type, fields, touched }: Draft): RuleFault[] {
  const state = textOf(fields, 'System.State');
  const reason = textOf(fields, 'System.Reason');
  const reasons = type.reasons[state];
  const isKnown = type.states.some(({ name }) => name === state);
  const allowed = isKnown && mayEnter(item, type.states[0]?.name, type, state);
  const isReasonKnown = reasons === undefined || !touched.has('System.Reason') || reasons.includes(reason);
  return [
    ...(allowed ? [] : [{ referenceName: 'System.State', codes: NOT_IN_LIST }]),
    ...(isReasonKnown ? [] : [{ referenceName: 'System.Reason', codes: NOT_IN_LIST }]),
  ];
}

/** A new work item begins in its first state; where every move is allowed, in any. */
function mayEnter(
  item: WorkItem | undefined,
  initial: string | undefined,
  type: Draft['type'],
  state: string,
): boolean {
  if (item !== undefined) return mayMove(type, textOf(item.fields, 'System.State'), state);
  return type.transitions === undefined || state === initial;
}

function writeFaults({ project, type, touched }: Draft): RuleFault[] {
  return [...touched].flatMap((referenceName): RuleFault[] => {
    const field = findField(project.organization.fields, referenceName);
    if (field?.readOnly === true) return [{ referenceName, codes: 'ReadOnly' }];
    return type.fields.has(referenceName) ? [] : [{ referenceName, codes: 'InvalidNotSupported' }];
  });
}

function valueFaults({ type, fields }: Draft): RuleFault[] {
  const state = textOf(fields, 'System.State');
  return [...type.fields.values()].flatMap((use): RuleFault[] => {
    const { referenceName } = use;
    const value = fields.get(referenceName);
    const isNeeded = use.required || use.requiredIn.includes(state);
    if (isNeeded && value === undefined) return [{ referenceName, codes: 'Required, InvalidEmpty' }];
    return isAllowed(use, value) ? [] : [{ referenceName, codes: NOT_IN_LIST }];
  });
}

function isAllowed({ allowedValues }: FieldUse, value: unknown): boolean {
  if (allowedValues === undefined || value === undefined) return true;
  return allowedValues.some((each) => each === value);
}
