import type { BlockDocument, BlockNode, Span } from '../../domain/block.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { canonLines, canonTitle } from './canonical.ts';
import { fitted } from './fit.ts';
import type { Room } from './fit.ts';
import { breakBetween, BREAK, cleanLine, cleanText, cut, neutralise } from './hostile-text.ts';
import { escapeInline, escapeLineStart, escapeQuotedLine } from './markdown-escape.ts';

/**
 * Takes the effect of what acts only in one flavour of Markdown. It is given escaped text of one line, never code, and
 * may only add characters.
 */
export type Tame = (escaped: string) => string;

/** How much is shown, in a flavour. */
interface Look extends Room {
  tame: Tame;
}

const SIGNS = { strong: '**', emphasis: '*' } as const;
const UNTITLED = 'Untitled threat';

function codeText(text: string): string {
  const safe = text.replace(/<!(?=-)/g, `<!${BREAK}`).replace(/--(?=>)/g, `--${BREAK}`);
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}

function spanText(span: Span, room: Look): string {
  const whole = cleanText(span.text).replace(/\s+/g, ' ');
  const words = cut(whole, room.span);
  const [, before = '', core = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(words) ?? [];
  if (core === '') return words;
  if (span.style === 'code') return before + codeText(core) + after;
  const address = span.href === undefined ? undefined : linkTarget(span.href);
  if (address !== undefined) return `${before}[${room.tame(escapeInline(core))}](${address})${after}`;
  const sign = span.style === undefined ? '' : SIGNS[span.style];
  return before + sign + room.tame(escapeInline(core)) + sign + after;
}

/** Where a link of ours goes, as it may stand in parentheses; undefined = it is no web address. */
function linkTarget(href: string): string | undefined {
  const url = URL.parse(href);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href.replace(/[()<>\\`|[\]]/g, percentEncoded);
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function lineText(spans: readonly Span[], room: Look): string {
  let line = '';
  for (const span of spans) {
    const next = spanText(span, room);
    line += breakBetween(line, next) + next;
  }
  return escapeLineStart(line.trim());
}

function quoteText(text: string, room: Look): string {
  if (text === '') return '';
  return cut(text, room.quote)
    .split('\n')
    .map((line) => room.tame(escapeQuotedLine(line.trimEnd())))
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function nodeText(node: BlockNode, room: Look): string {
  switch (node.kind) {
    case 'paragraph':
      return lineText(node.spans, room);
    case 'quote':
      return quoteText(node.text, room);
    case 'list':
      return node.items
        .map((item) => lineText(item, room))
        .filter((line) => line !== '')
        .map((line) => `- ${line}`)
        .join('\n');
  }
}

function render(document: BlockDocument, room: Look): string {
  return document
    .map((node) => nodeText(node, room))
    .filter((text) => text !== '')
    .join('\n\n');
}

function wholeLines(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.lastIndexOf('\n', limit - 2);
  return end <= 0 ? '…'.slice(0, limit) : `${text.slice(0, end)}\n…`;
}

function renderWithin(document: BlockDocument, limit: number, tame: Tame): string {
  return fitted(document, limit, (each, room) => render(each, { ...room, tame }), wholeLines);
}

function titleText(text: string, limit: number, tame: Tame): string {
  const words = cleanLine(text);
  for (let room = limit; room > 2; room -= 1) {
    const title = tame(neutralise(cut(words, room))).replace(/^\//, '\\/');
    if (title.length <= limit) return title === '' ? UNTITLED.slice(0, limit) : title;
  }
  return UNTITLED.slice(0, limit);
}

/**
 * The text format of trackers that speak Markdown, with `commentLimit` characters for a comment and what its flavour
 * needs beside. Lengths are UTF-16 units, which are never fewer than the characters a tracker counts.
 */
export function markdownFormat(commentLimit: number, tame: Tame = (escaped) => escaped): TextFormat {
  return {
    block: (document, limit) => renderWithin(document, limit, tame),
    comment: (document) => renderWithin(document, commentLimit, tame),
    title: (text, limit) => titleText(text, limit, tame),
    canonTitle,
    canonBlock: canonLines,
  };
}
