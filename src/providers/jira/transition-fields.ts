import { z } from 'zod';
import type { JiraTransition, ScreenField } from './wire.ts';

const Word = z.string().trim().min(1).max(255);

/** What to fill into custom fields on the screens of transitions: published as `config.transitionFields`. */
export const TransitionFields = z
  .array(
    z.strictObject({
      /** Id or name of the status that a transition leads to; every one if left out. */
      to: Word.optional(),
      /** By id (`customfield_10050`) or name of the field, as people see it. */
      fields: z.record(Word, z.string().min(1).max(2000)),
    }),
  )
  .max(50);

/** The rules, and how this Jira takes a long text. */
export interface Filler {
  rules: z.infer<typeof TransitionFields>;
  longText: (text: string) => unknown;
}

type Filled =
  { kind: 'filled'; value: unknown } | { kind: 'no-rule' } | { kind: 'not-allowed'; text: string };

/** The value that the rules name for a field of a transition's screen; of several rules that fit, the last. */
export function fill(
  { rules, longText }: Filler,
  { to }: JiraTransition,
  id: string,
  field: ScreenField,
): Filled {
  const names = [id, field.name ?? id].map(folded);
  const text = rules
    .filter((rule) => rule.to === undefined || [to.id, folded(to.name)].includes(folded(rule.to)))
    .flatMap(({ fields }) => Object.entries(fields))
    .findLast(([name]) => names.includes(folded(name)))?.[1];
  if (text === undefined) return { kind: 'no-rule' };
  const value = valueFor(field, text, longText);
  return value === undefined ? { kind: 'not-allowed', text } : { kind: 'filled', value };
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#custom-fields */
function valueFor(
  { schema, allowedValues }: ScreenField,
  text: string,
  longText: Filler['longText'],
): unknown {
  const isMany = schema?.type === 'array';
  if (allowedValues !== undefined) {
    const found = allowedValues.find((each) => [each.id, each.value, each.name].includes(text));
    if (found?.id === undefined) return undefined;
    return isMany ? [{ id: found.id }] : { id: found.id };
  }
  if (isMany) return schema?.items === 'string' ? [text] : undefined;
  if (schema?.type === 'number') return Number.isNaN(Number(text)) ? undefined : Number(text);
  return schema?.custom?.endsWith(':textarea') === true ? longText(text) : text;
}

function folded(text: string): string {
  return text.trim().toLowerCase();
}
