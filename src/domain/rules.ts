import type { StatusWord } from './status-words.ts';
import { STATUSES, type Status } from './threat.ts';

export const KEEPS = ['threat', 'issue', 'ask'] as const;
/** Which side of a field is kept; `ask` leaves it to a person. */
export type Keep = (typeof KEEPS)[number];

export const RULED_FIELDS = ['status', 'title', 'block'] as const;

/**
 * A decision that is kept, about a field which both sides changed differently. A status may be named on either side;
 * one that is not named may be any.
 */
export type Rule =
  | { field: 'status'; threat?: Status; issue?: StatusWord; keep: Keep }
  | { field: 'title' | 'block'; keep: Keep };

/** The first rule that fits what both sides show now, each in its own words. */
export function ruleFor(
  rules: readonly Rule[],
  field: string,
  threat: string | null,
  issue: string | null,
): Rule | undefined {
  return rules.find((rule) => {
    if (rule.field !== field) return false;
    return rule.field !== 'status' || (fits(rule.threat, threat) && fits(rule.issue, issue));
  });
}

/** These rules with that one first; one about exactly the same case leaves. */
export function withRule(rules: readonly Rule[], rule: Rule): readonly Rule[] {
  return [rule, ...rules.filter((each) => caseOf(each) !== caseOf(rule))];
}

/** `status "mitigated" against "dropped": keep the threat`. */
export function wordsOfRule(rule: Rule): string {
  const keeps = rule.keep === 'ask' ? 'ask a person' : `keep the ${rule.keep}`;
  return `${caseOf(rule)}: ${keeps}`;
}

/** Every word that an issue can say about the status. */
export const STATUS_WORDS = [
  ...STATUSES,
  'verified',
  'open',
  'dropped',
] as const satisfies readonly StatusWord[];

function fits(wanted: string | undefined, shown: string | null): boolean {
  return wanted === undefined || wanted === shown;
}

function caseOf(rule: Rule): string {
  if (rule.field !== 'status') return rule.field;
  return `status ${named(rule.threat)} against ${named(rule.issue)}`;
}

function named(word: string | undefined): string {
  return word === undefined ? 'anything' : `"${word}"`;
}
