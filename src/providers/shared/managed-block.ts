import { AppError } from '../../domain/errors.ts';

const BEGIN = 'tmi:begin ';
const END = '<!-- tmi:end -->';
const MARKER = /<!--[ \t]*(tmi:begin [^<>\r\n]*|tmi:end[ \t]*)-->/g;
const COMMENT_MARKER = /<!--[ \t]*(tmi:comment [^<>\r\n]*)-->/;

/** Where the managed block is in a text. `from` and `to` are offsets of what lies between the two markers. */
export type FoundBlock =
  | { kind: 'present'; mark: string; text: string; outer: readonly [number, number] }
  | { kind: 'absent' }
  | { kind: 'damaged'; why: string };

function isBegin(marker: RegExpExecArray): boolean {
  return marker[1]?.startsWith(BEGIN) === true;
}

/** Find our block: exactly one begin, followed by exactly one end. Anything else that has a marker is damaged. */
export function findBlock(body: string): FoundBlock {
  const markers = [...body.matchAll(MARKER)];
  const [begin, end] = markers;
  if (begin === undefined) return { kind: 'absent' };
  const begins = markers.filter((marker) => isBegin(marker)).length;
  if (begins > 1) return { kind: 'damaged', why: 'the issue has more than one begin marker' };
  if (begins === 0) return { kind: 'damaged', why: 'the issue has an end marker without a begin marker' };
  if (end === undefined) return { kind: 'damaged', why: 'the end marker is missing' };
  if (!isBegin(begin)) return { kind: 'damaged', why: 'the end marker is before the begin marker' };
  if (markers.length > 2) return { kind: 'damaged', why: 'the issue has more than one end marker' };
  return {
    kind: 'present',
    mark: begin[1]?.trim() ?? '',
    text: body.slice(begin.index + begin[0].length, end.index),
    outer: [begin.index, end.index + end[0].length],
  };
}

/** The block with its markers. Throws `unprocessable` when it would not be found again as it is. */
export function composeBlock(block: { mark: string; text: string }): string {
  const body = `<!-- ${block.mark} -->\n${block.text}\n${END}`;
  const found = findBlock(body);
  const same = found.kind === 'present' && found.mark === block.mark && found.text === `\n${block.text}\n`;
  if (!same)
    throw new AppError(
      'unprocessable',
      'The text for the issue contains markers of its own; it was not written.',
    );
  return body;
}

/**
 * The body with the block's inside replaced; everything outside stays byte for byte. A body without a block
 * gets one below what people wrote. Undefined: the block is damaged and only a person can repair it.
 */
export function replaceBlock(body: string, block: { mark: string; text: string }): string | undefined {
  const found = findBlock(body);
  if (found.kind === 'damaged') return undefined;
  const composed = composeBlock(block);
  if (found.kind === 'absent') return body === '' ? composed : `${body}\n\n${composed}`;
  return body.slice(0, found.outer[0]) + composed + body.slice(found.outer[1]);
}

/** A comment of ours: the words, and the hidden mark by which we know it again. */
export function composeComment(text: string, mark: string): string {
  const body = `${text}\n\n<!-- ${mark} -->`;
  if (findCommentMark(body) !== mark)
    throw new AppError(
      'unprocessable',
      'The mark of a comment must begin with "tmi:comment "; it was not written.',
    );
  return body;
}

/** The mark of a comment of ours; undefined = it carries none. */
export function findCommentMark(body: string): string | undefined {
  return COMMENT_MARKER.exec(body)?.[1]?.trim();
}
