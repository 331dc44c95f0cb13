import { AppError } from './errors.ts';
import { STATUS_CATEGORIES } from './issue.ts';
import { STATUS_WORDS } from './rules.ts';
import { FORMATS, MITIGATION_STATUSES, SEVERITIES, STATUSES } from './threat.ts';

/** What stands where somebody's name or words were. */
export const ERASED = '[erased]';

/** Somebody, by all the names they go by: the subject of their token, a login, a display name. */
export interface Person {
  /** Is this the person, and nothing else? */
  is(text: string): boolean;
  /** Is the person named in it? As a word of its own: `Ann` is not in `Annual`. */
  isIn(text: string): boolean;
  /** The same text without the person; JSON stays JSON. */
  without(text: string): string;
}

const SHORTEST = 2;
/** Words that stand for something else wherever we keep text. */
const OURS: ReadonlySet<string> = new Set([
  ...STATUSES,
  ...MITIGATION_STATUSES,
  ...SEVERITIES,
  ...FORMATS,
  ...STATUS_WORDS,
  ...STATUS_CATEGORIES,
  'sync',
  'platform',
  'operator',
  'threat',
  'issue',
  'newest',
  'ask',
  'rule',
  'erased',
]);
/** A string of a JSON text, as it is written. */
const LITERAL = /"(?:[^"\\]+|\\.)*"/gs;

/**
 * Names match whatever their case and however their accents are written. Throws `invalid-request` for a name that is too short or
 * a word of the service, and would take more than a person with it.
 */
export function personNamed(names: readonly string[]): Person {
  const words = names.map((name) => name.trim());
  if (words.length === 0) throw new AppError('invalid-request', 'A person needs at least one name.');
  for (const word of words) refuseUnfit(word);
  const forms = [...new Set(words.flatMap((word) => [word.normalize('NFC'), word.normalize('NFD')]))]
    .toSorted((one, other) => other.length - one.length)
    .map((word) => RegExp.escape(word));
  const named = new RegExp(
    String.raw`(?<![\p{L}\p{M}\p{N}_])(?:${forms.join('|')})(?![\p{L}\p{M}\p{N}_])`,
    'giu',
  );
  const isOne = new RegExp(String.raw`^\s*@?(?:${forms.join('|')})\s*$`, 'iu');
  const plain = (text: string): string => text.replace(named, ERASED);
  const without = (text: string): string =>
    isJson(text) ? text.replace(LITERAL, (literal) => literalWithout(literal, without)) : plain(text);
  return { is: (text) => isOne.test(text), isIn: (text) => without(text) !== text, without };
}

function refuseUnfit(word: string): void {
  if (word.length < SHORTEST)
    throw new AppError(
      'invalid-request',
      `"${word}" is too short for a name: ${SHORTEST} characters at least.`,
    );
  if (OURS.has(word.toLowerCase()))
    throw new AppError(
      'invalid-request',
      `"${word}" is a word of this service: erasing it would take more than a person. Name them in another way.`,
    );
}

/** Escapes may hide a name, and a line break before it is the letter n: strings of JSON are read before they are searched. */
function literalWithout(literal: string, without: Person['without']): string {
  const text: unknown = JSON.parse(literal);
  if (typeof text !== 'string') return literal;
  const rest = without(text);
  return rest === text ? literal : JSON.stringify(rest);
}

function isJson(text: string): boolean {
  if (!/^\uFEFF?\s*[[{"]/.test(text)) return false;
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    return true;
  } catch {
    return false;
  }
}
