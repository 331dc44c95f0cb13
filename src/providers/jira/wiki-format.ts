import type { BlockDocument, BlockNode, Span } from '../../domain/block.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { canonLines, canonTitle } from '../shared/canonical.ts';
import { fitted } from '../shared/fit.ts';
import type { Room } from '../shared/fit.ts';
import { breakBetween, cleanText, cut } from '../shared/hostile-text.ts';
import { titleText } from './adf-format.ts';
import { escapeWiki, escapeWikiStart, wikiBreak } from './wiki-escape.ts';

const BULLET = /^ *[-*•] +(?=\S)/;

function spanText(span: Span, room: Room): string {
  const words = cut(cleanText(span.text).replace(/\s+/g, ' '), room.span);
  const [, before = '', core = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(words) ?? [];
  if (core === '') return words;
  return before + styled(escapeWiki(core), span.style) + after;
}

function styled(text: string, style: Span['style']): string {
  switch (style) {
    // Code would be `{{x}}`, but a brace is how a macro begins, and not every renderer tells them apart.
    case 'code':
    case 'strong':
      return `*${text}*`;
    case 'emphasis':
      return `_${text}_`;
    case undefined:
      return text;
  }
}

function lineText(spans: readonly Span[], room: Room): string {
  let line = '';
  for (const span of spans) {
    const next = spanText(span, room);
    line += (breakBetween(line, next) || wikiBreak(line, next)) + next;
  }
  return escapeWikiStart(line.trim());
}

function quotedLine(line: string): string {
  const bullet = BULLET.test(line);
  const words = line.replace(BULLET, '').replace(/ {2,}/g, ' ').trim();
  const escaped = escapeWikiStart(escapeWiki(words));
  return bullet ? `* ${escaped}` : escaped;
}

function quoteText(text: string, room: Room): string {
  const lines = cut(text, room.quote).split('\n').map(quotedLine).join('\n').trim();
  return lines === '' ? '' : `{quote}\n${lines}\n{quote}`;
}

function nodeText(node: BlockNode, room: Room): string {
  switch (node.kind) {
    case 'paragraph':
      return lineText(node.spans, room);
    case 'quote':
      return quoteText(node.text, room);
    case 'list':
      return node.items
        .map((item) => lineText(item, room))
        .filter((line) => line !== '')
        .map((line) => `* ${line}`)
        .join('\n');
  }
}

function render(document: BlockDocument, room: Room): string {
  return document
    .map((node) => nodeText(node, room))
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The last resort: whole lines, and never half a quote. */
function wholeLines(text: string, limit: number): string {
  const end = text.lastIndexOf('\n', limit - 20);
  const kept = end <= 0 ? '' : text.slice(0, end);
  const isOpen = kept.split(/(?<!\\)\{quote\}/).length % 2 === 0;
  return `${kept}${isOpen ? '\n{quote}' : ''}\n…`.trim().slice(0, Math.max(0, limit));
}

function renderWithin(document: BlockDocument, limit: number): string {
  return fitted(document, limit, render, wholeLines);
}

/** Text as wiki markup. Lengths are UTF-16 units. */
export function wikiFormat(commentLimit: number): TextFormat {
  return {
    block: renderWithin,
    comment: (document) => renderWithin(document, commentLimit),
    title: titleText,
    canonTitle,
    canonBlock: canonLines,
  };
}
