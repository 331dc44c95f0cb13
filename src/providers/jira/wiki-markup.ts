import { AppError } from '../../domain/errors.ts';
import { WIKI_LIMIT } from './limits.ts';
import { MARK_TEXT } from './markup.ts';
import type { Markup } from './markup.ts';
import { wikiFormat } from './wiki-format.ts';

/** The title tells people what this is, and us where the panel begins. */
const OPEN = '{panel:title=Threat model}';
const CLOSE = '{panel}';
const PANEL = /(?<!\\)\{panel(:[^}\r\n]*)?\}/g;
const MARK_LINE = /^~(tmi:begin [^~\r\n]+)~[ \t]*$/gm;
const COMMENT_LINE = /^~(tmi:comment [^~\r\n]+)~[ \t]*$/m;

type Found =
  | { kind: 'present'; mark: string; text: string; outer: readonly [number, number] }
  | { kind: 'absent' }
  | { kind: 'damaged'; why: string };

/** Find our panel: the one around the only line that is a mark of ours. */
function findBlock(body: string): Found {
  const [line, another] = body.matchAll(MARK_LINE);
  if (line === undefined) return { kind: 'absent' };
  if (another !== undefined) return { kind: 'damaged', why: 'the issue carries more than one mark of ours' };
  const panels = [...body.matchAll(PANEL)];
  const open = panels.findLast((panel) => panel.index < line.index);
  const close = panels.find((panel) => panel.index > line.index);
  if (open?.[1] === undefined) return { kind: 'damaged', why: 'the begin of our panel is missing' };
  if (close === undefined || close[1] !== undefined)
    return { kind: 'damaged', why: 'the end of our panel is missing' };
  const after = body.slice(line.index + line[0].length, close.index).trim();
  return {
    kind: 'present',
    mark: line[1] ?? '',
    text: `${body.slice(open.index + open[0].length, line.index)}${after === '' ? '' : `\n${after}`}`,
    outer: [open.index, close.index + close[0].length],
  };
}

function composed(block: { mark: string; text: string }): string {
  const body = `${OPEN}\n${block.text}\n\n~${block.mark}~\n${CLOSE}`;
  const found = findBlock(body);
  const same = found.kind === 'present' && found.mark === block.mark && found.outer[0] === 0;
  if (!same)
    throw new AppError(
      'unprocessable',
      'The text for the issue contains panels or marks of its own; it was not written.',
    );
  return body;
}

function replaced(body: string, block: { mark: string; text: string }): string | undefined {
  const found = findBlock(body);
  if (found.kind === 'damaged') return undefined;
  if (found.kind === 'absent') return body === '' ? composed(block) : `${body}\n\n${composed(block)}`;
  return body.slice(0, found.outer[0]) + composed(block) + body.slice(found.outer[1]);
}

const format = wikiFormat(WIKI_LIMIT);

/** Text as Jira Data Center has it: our block is one panel, with its mark as the last line, in small print. */
export const wikiMarkup: Markup = {
  format,
  read(description) {
    if (description === null) return { body: '', block: { kind: 'absent' } };
    if (typeof description !== 'string') return { body: '', block: { kind: 'unknown' } };
    const found = findBlock(description);
    if (found.kind !== 'present') return { body: description, block: found };
    const { mark, text } = found;
    return { body: description, block: { kind: 'present', mark, text: format.canonBlock(text) } };
  },
  compose: composed,
  replace(body, block) {
    const description = replaced(body, block);
    return description === undefined ? undefined : { description, length: description.length };
  },
  comment(text, mark) {
    if (!MARK_TEXT.test(mark))
      throw new AppError(
        'unprocessable',
        'The mark of a comment would not be found again; it was not written.',
      );
    return `${text}\n\n~${mark}~`;
  },
  commentText: (body) =>
    typeof body === 'string' ? body.replace(COMMENT_LINE, (_, mark: string) => `<!-- ${mark} -->`) : '',
  commentMark: (body) => (typeof body === 'string' ? COMMENT_LINE.exec(body)?.[1] : undefined),
};
