/** Between the two forms of text of a Cloud site: documents (API v3) and wiki markup (API v2, webhooks). */
import type { AdfMark, AdfNode } from './adf.ts';
import type { Rich } from './state.ts';

/** A word of a document or body that should be a text; a number is taken, too, and anything else is nothing. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Wiki markup of a text; what has no wiki form becomes plain words. */
export function asWiki(text: Rich): string {
  return typeof text === 'string' ? text : blocks(text.content ?? [], '');
}

/** A document of a text. Wiki markup is not rendered: each line is a paragraph of plain words. */
export function asDocument(text: Rich): AdfNode {
  if (typeof text !== 'string') return text;
  const content = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line): AdfNode => ({ type: 'paragraph', content: [{ type: 'text', text: line }] }));
  return { type: 'doc', version: 1, content };
}

function blocks(nodes: readonly AdfNode[], bullet: string): string {
  return nodes.map((node) => block(node, bullet)).join(bullet === '' ? '\n\n' : '\n');
}

function block(node: AdfNode, bullet: string): string {
  const inner = node.content ?? [];
  switch (node.type) {
    case 'heading':
      return `h${wordOf(node.attrs?.['level'])}. ${inline(inner)}`;
    case 'codeBlock':
      return `{code}\n${inner.map(({ text }) => text ?? '').join('')}\n{code}`;
    case 'blockquote':
      return `{quote}\n${blocks(inner, '')}\n{quote}`;
    case 'panel':
      return `{panel}\n${blocks(inner, '')}\n{panel}`;
    case 'rule':
      return '----';
    case 'bulletList':
      return blocks(inner, `${bullet}*`);
    case 'orderedList':
      return blocks(inner, `${bullet}#`);
    case 'listItem':
      return inner
        .map((child) => (isList(child) ? block(child, bullet) : `${bullet} ${block(child, '')}`))
        .join('\n');
    case 'tableRow':
      return `|${inner.map((cell) => blocks(cell.content ?? [], '')).join('|')}|`;
    case 'table':
      return inner.map((row) => block(row, '')).join('\n');
    case 'paragraph':
      return inline(inner);
    default:
      return inner.length > 0 && inner[0]?.type !== 'text' ? blocks(inner, '') : inline(inner);
  }
}

function isList({ type }: AdfNode): boolean {
  return type === 'bulletList' || type === 'orderedList';
}

function inline(nodes: readonly AdfNode[]): string {
  return nodes.map((node) => (node.marks ?? []).reduce(wrapped, words(node))).join('');
}

function words(node: AdfNode): string {
  switch (node.type) {
    case 'text':
      return (node.text ?? '').replaceAll(/[{}[\]*_!|\\]/g, (character) => `\\${character}`);
    case 'hardBreak':
      return '\n';
    case 'mention':
      return `[~accountid:${wordOf(node.attrs?.['id'])}]`;
    case 'inlineCard':
      return `[${wordOf(node.attrs?.['url'])}|${wordOf(node.attrs?.['url'])}|smart-link]`;
    default:
      return wordOf(node.attrs?.['text'] ?? node.attrs?.['shortName']);
  }
}

function wrapped(text: string, mark: AdfMark): string {
  switch (mark.type) {
    case 'strong':
      return `*${text}*`;
    case 'em':
      return `_${text}_`;
    case 'strike':
      return `-${text}-`;
    case 'code':
      return `{{${text}}}`;
    case 'link':
      return `[${text}|${wordOf(mark.attrs?.['href'])}]`;
    default:
      return text;
  }
}
