import { AppError } from '../../domain/errors.ts';
import type { ManagedBlock } from '../../domain/issue.ts';
import { canonicalHtml, escapeHtml, isBalanced, isReadable } from './html-tree.ts';

/** The service drops HTML comments: the block lies between two headings that people see, and ends with its mark. */
const BEGIN = 'From the threat model (kept in step with it)';
const END = 'End of the part from the threat model';
const MARK = /tmi:begin [^<>\r\n]*/g;
const COMMENT_MARK = /tmi:comment [^<>\r\n]*/;

/** Editors may have given a heading attributes, wrappers and spaces. */
function headings(title: string): RegExp {
  const filler = '(?:\\s|&nbsp;|<[^<>]*>){0,20}';
  const words = title.replace(/[()]/g, '\\$&');
  return new RegExp(`<h([1-6])\\b[^<>]*>${filler}${words}${filler}</h\\1>`, 'gi');
}
const BEGINS = headings(BEGIN);
const ENDS = headings(END);

type FoundSection =
  /** `outer`: offsets with the headings; `inner` is what lies between them. */
  | { kind: 'present'; mark: string; inner: string; outer: readonly [number, number] }
  | { kind: 'absent' }
  | { kind: 'damaged'; why: string }
  | { kind: 'unknown' };

/** Find our section: one heading of each kind, one mark between them. Anything else that has a part of it is damaged. */
function findSection(body: string): FoundSection {
  const [begins, ends] = [[...body.matchAll(BEGINS)], [...body.matchAll(ENDS)]];
  const marks = [...body.matchAll(MARK)];
  const [begin] = begins;
  const [end] = ends;
  const [mark] = marks;
  if (begins.length + ends.length === 0)
    // Without headings as HTML has them the text may have become Markdown.
    return marks.length === 0 && !body.includes(END) ? { kind: 'absent' } : { kind: 'unknown' };
  if (begin === undefined || begins.length > 1) return damaged('the begin heading', begins.length);
  if (end === undefined || ends.length > 1) return damaged('the end heading', ends.length);
  if (mark === undefined || marks.length > 1) return damaged('the mark', marks.length);
  const from = begin.index + begin[0].length;
  if (mark.index < from || mark.index > end.index)
    return { kind: 'damaged', why: 'the mark of our section is outside of it' };
  const inner = body.slice(from, end.index);
  if (!isBalanced(inner))
    return { kind: 'damaged', why: 'an element begins inside our section and ends outside of it' };
  if (!isReadable(inner)) return { kind: 'unknown' };
  return {
    kind: 'present',
    mark: mark[0].trim(),
    inner,
    outer: [begin.index, end.index + end[0].length],
  };
}

function damaged(what: string, times: number): FoundSection {
  return {
    kind: 'damaged',
    why: `${what} of our section is there ${times === 0 ? 'no more' : `${String(times)} times`}`,
  };
}

/** The managed block of a long text; its own text in the canonical form, without headings and mark. */
export function blockOf(body: string): ManagedBlock {
  const found = findSection(body);
  if (found.kind !== 'present') return found;
  const text = canonicalHtml(found.inner).replace(/<(p|li|blockquote)>[^<>]*tmi:begin [^<>]*<\/\1>/g, '');
  return { kind: 'present', mark: found.mark, text };
}

/** The block with its headings. Throws `unprocessable` when it would not be found again as it is. */
export function composeSection(block: { mark: string; text: string }): string {
  const section = `<h3>${BEGIN}</h3>${block.text}<p>${escapeHtml(block.mark)}</p><h3>${END}</h3>`;
  const found = blockOf(section);
  if (found.kind === 'present' && found.mark === block.mark) return section;
  throw new AppError(
    'unprocessable',
    'The text for the work item contains headings or marks of our own; it was not written.',
  );
}

/**
 * The text with our section replaced; everything outside stays character for character. A text without one gets it below
 * what people wrote. Undefined: it is damaged or unreadable, and only a person can repair it.
 */
export function replaceSection(body: string, block: { mark: string; text: string }): string | undefined {
  const found = findSection(body);
  if (found.kind === 'damaged' || found.kind === 'unknown') return undefined;
  const section = composeSection(block);
  // The empty line keeps the section apart where people write Markdown.
  if (found.kind === 'absent') return body === '' ? section : `${body}\n\n${section}`;
  return body.slice(0, found.outer[0]) + section + body.slice(found.outer[1]);
}

/** A comment of ours: the words, and the line by which we know it again. */
export function composeComment(text: string, mark: string): string {
  const body = `${text}<p>${escapeHtml(mark)}</p>`;
  if (commentMarkOf(body) === mark) return body;
  throw new AppError(
    'unprocessable',
    'The mark of a comment must begin with "tmi:comment "; it was not written.',
  );
}

/** The mark of a comment of ours; undefined = it carries none. */
export function commentMarkOf(body: string): string | undefined {
  return COMMENT_MARK.exec(body)?.[0].trim();
}
