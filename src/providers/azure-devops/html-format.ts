import type { BlockDocument, BlockNode, Span } from '../../domain/block.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { fitted } from '../shared/fit.ts';
import type { Room } from '../shared/fit.ts';
import { BREAK, breakBetween, cleanLine, cleanText, cut, neutralise } from '../shared/hostile-text.ts';
import { canonicalHtml, escapeHtml } from './html-tree.ts';
import { COMMENT_LIMIT } from './limits.ts';

/** Room for the mark of a comment. */
const COMMENT_ROOM = COMMENT_LIMIT - 500;
const UNTITLED = 'Untitled threat';
const SIGNS = { strong: 'b', emphasis: 'i', code: 'code' } as const;
/** A link that shows where it leads: plain host, no userinfo. */
const LINK =
  /(?<=^|[\s(])https?:\/\/[a-z0-9](?:[a-z0-9-]{0,62}\.){0,8}[a-z0-9-]{1,63}(?::\d{1,5})?(?=[\s/?#,.;:!)]|$)(?:[/?#][^\s<>"'`\\]*)?/gi;
const TRAILING = '?!.,:;*_~\'")]}';

/** Words as text: no mention, no reference, none of our own marks. `@<id>` would be a mention in Markdown. */
function tamed(text: string): string {
  return neutralise(text)
    .replace(/@(?=<)/g, `@${BREAK}`)
    .replace(/tmi(?=:(?:begin|comment) )/gi, `tmi${BREAK}`);
}

function linkEnd(url: string): number {
  let end = url.length;
  while (end > 0 && TRAILING.includes(url.charAt(end - 1))) end -= 1;
  return end;
}

function inlineHtml(text: string): string {
  let html = '';
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const url = match[0].slice(0, linkEnd(match[0]));
    html += escapeHtml(tamed(text.slice(done, match.index)));
    html += `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
    done = match.index + url.length;
  }
  return html + escapeHtml(tamed(text.slice(done)));
}

function spanHtml(span: Span, words: string): string {
  if (span.style === undefined) return inlineHtml(words);
  const inner = span.style === 'code' ? escapeHtml(tamed(words)) : inlineHtml(words);
  return `<${SIGNS[span.style]}>${inner}</${SIGNS[span.style]}>`;
}

function lineHtml(spans: readonly Span[], room: Room): string {
  let html = '';
  let before = '';
  for (const span of spans) {
    const words = cut(cleanText(span.text).replace(/\s+/g, ' '), room.span);
    html += breakBetween(before, words) + spanHtml(span, words);
    before = words === '' ? before : words;
  }
  return html;
}

function nodeHtml(node: BlockNode, room: Room): string {
  switch (node.kind) {
    case 'paragraph':
      return `<p>${lineHtml(node.spans, room)}</p>`;
    case 'quote':
      return `<blockquote>${cut(node.text, room.quote).split('\n').map(inlineHtml).join('<br>')}</blockquote>`;
    case 'list':
      return `<ul>${node.items.map((item) => `<li>${lineHtml(item, room)}</li>`).join('')}</ul>`;
  }
}

function render(document: BlockDocument, room: Room): string {
  return canonicalHtml(document.map((node) => nodeHtml(node, room)).join(''));
}

/** As many whole blocks as fit. */
function wholeBlocks(html: string, limit: number): string {
  const ends = [...html.matchAll(/<\/(?:p|blockquote|ul)>/g)].map((end) => end.index + end[0].length);
  const end = ends.filter((each) => each <= limit).at(-1);
  return end === undefined ? '' : html.slice(0, end);
}

function titleText(text: string, limit: number): string {
  const words = cleanLine(text);
  for (let room = limit; room > 2; room -= 1) {
    const title = neutralise(cut(words, room));
    if (title.length <= limit) return title === '' ? UNTITLED.slice(0, limit) : title;
  }
  return UNTITLED.slice(0, limit);
}

/** The HTML of long texts of work items. Lengths are UTF-16 units, as the service counts. */
export const htmlFormat: TextFormat = {
  block: (document, limit) => fitted(document, limit, render, wholeBlocks),
  comment: (document) => fitted(document, COMMENT_ROOM, render, wholeBlocks),
  title: titleText,
  canonTitle: (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim(),
  canonBlock: canonicalHtml,
};
