import type { BlockDocument, BlockNode, Span } from '../../domain/block.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { canonTitle } from '../shared/canonical.ts';
import { fitted } from '../shared/fit.ts';
import type { Room } from '../shared/fit.ts';
import { cleanLine, cleanText, cut } from '../shared/hostile-text.ts';
import { isNode, normalNodes, textNode } from './adf.ts';
import type { AdfNode } from './adf.ts';

const MARKS = { strong: 'strong', emphasis: 'em', code: 'code' } as const;
const UNTITLED = 'Untitled threat';
const BULLET = /^ *[-*•] +(?=\S)/;
const NUMBER = /^ *(\d{1,3})[.)] +(?=\S)/;

/** Words in a text node are only words: nothing in them is a mention, a macro or a link. */
function lineNodes(spans: readonly Span[], room: Room): readonly AdfNode[] {
  const shown = spans.map((span) => ({
    ...span,
    text: cut(cleanText(span.text).replace(/\s+/g, ' '), room.span),
  }));
  const first = shown.findIndex((span) => span.text.trim() !== '');
  const last = shown.findLastIndex((span) => span.text.trim() !== '');
  if (first < 0) return [];
  const nodes = shown.slice(first, last + 1).map(({ text, style }, index, all) => {
    const begun = index === 0 ? text.trimStart() : text;
    const whole = index === all.length - 1 ? begun.trimEnd() : begun;
    return textNode(whole, ...(style === undefined ? [] : [{ type: MARKS[style] }]));
  });
  return nodes.filter((node) => node !== undefined);
}

function paragraphOf(content: readonly AdfNode[]): readonly AdfNode[] {
  return content.length === 0 ? [] : [{ type: 'paragraph', content }];
}

function listOf(type: 'bulletList' | 'orderedList', items: readonly string[], order = 1): AdfNode {
  const content = items.map((item): AdfNode => ({
    type: 'listItem',
    content: paragraphOf([textNode(item)].filter((node) => node !== undefined)),
  }));
  return order === 1 ? { type, content } : { type, attrs: { order }, content };
}

/** Quoted words: paragraphs, with simple lists and line breaks kept. (A panel holds no block quote.) */
function quoteNodes(text: string, room: Room): readonly AdfNode[] {
  const nodes: AdfNode[] = [];
  for (const part of cut(text, room.quote).split(/\n\s*\n/)) nodes.push(...partNodes(part.split('\n')));
  return nodes;
}

type LineKind = 'bulletList' | 'orderedList' | 'paragraph';

function kindOf(line: string): LineKind {
  if (BULLET.test(line)) return 'bulletList';
  return NUMBER.test(line) ? 'orderedList' : 'paragraph';
}

function partNodes(lines: readonly string[]): readonly AdfNode[] {
  const nodes: AdfNode[] = [];
  let group: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() !== '') group.push(line);
    const next = lines[index + 1];
    if (group.length === 0 || (next !== undefined && kindOf(next) === kindOf(group[0] ?? ''))) continue;
    nodes.push(...groupNodes(group));
    group = [];
  }
  return nodes;
}

function groupNodes(lines: readonly string[]): readonly AdfNode[] {
  const [first = ''] = lines;
  const kind = kindOf(first);
  if (kind === 'bulletList')
    return [
      listOf(
        kind,
        lines.map((line) => oneLine(line.replace(BULLET, ''))),
      ),
    ];
  if (kind === 'orderedList') {
    const order = Number(NUMBER.exec(first)?.[1] ?? '1');
    return [
      listOf(
        kind,
        lines.map((line) => oneLine(line.replace(NUMBER, ''))),
        order,
      ),
    ];
  }
  const broken = lines.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ type: 'hardBreak' }]),
    textNode(oneLine(line)),
  ]);
  return paragraphOf(broken.filter((node) => node !== undefined));
}

function oneLine(line: string): string {
  return line.replace(/\s+/g, ' ').trim();
}

function nodesOfBlock(node: BlockNode, room: Room): readonly AdfNode[] {
  switch (node.kind) {
    case 'paragraph':
      return paragraphOf(lineNodes(node.spans, room));
    case 'quote':
      return quoteNodes(node.text, room);
    case 'list': {
      const items = node.items.map((item) => lineNodes(item, room)).filter((item) => item.length > 0);
      const content = items.map((item): AdfNode => ({ type: 'listItem', content: paragraphOf(item) }));
      return content.length === 0 ? [] : [{ type: 'bulletList', content }];
    }
  }
}

function render(document: BlockDocument, room: Room): string {
  return stable(document.flatMap((node) => nodesOfBlock(node, room)));
}

function stable(nodes: readonly AdfNode[]): string {
  return JSON.stringify(normalNodes(nodes));
}

/** The last resort: as many nodes as fit. */
function fewerNodes(markup: string, limit: number): string {
  const nodes = nodesIn(markup);
  let count = nodes.length;
  while (count > 0 && stable(nodes.slice(0, count)).length > limit) count -= 1;
  return stable(nodes.slice(0, count));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The nodes of a text in canonical form; any other text is plain words, a paragraph for each line. */
export function nodesIn(text: string): readonly AdfNode[] {
  const value = text.startsWith('[') ? parsed(text) : undefined;
  if (Array.isArray(value) && value.every((each) => isNode(each))) return value;
  return quoteNodes(cleanText(text), { quote: Number.POSITIVE_INFINITY, span: Number.POSITIVE_INFINITY });
}

function renderWithin(document: BlockDocument, limit: number): string {
  return fitted(document, limit, render, fewerNodes);
}

/** A summary is plain words on one line, on Cloud and on Data Center. */
export function titleText(text: string, limit: number): string {
  const title = cut(cleanLine(text), limit);
  return title === '' ? UNTITLED.slice(0, limit) : title;
}

/**
 * Text as Atlassian documents, none longer than `most`; the canonical form of a block is the JSON of its nodes. Lengths
 * are those of the JSON.
 */
export function adfFormat(most: number): TextFormat {
  return {
    block: (document, limit) => renderWithin(document, Math.min(limit, most)),
    comment: (document) => renderWithin(document, most),
    title: titleText,
    canonTitle,
    canonBlock: (text) => stable(nodesIn(text)),
  };
}
