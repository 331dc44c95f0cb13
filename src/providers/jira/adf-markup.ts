import type { ManagedBlock } from '../../domain/issue.ts';
import { documentOf, isDocument, normalNodes, wordsOf } from './adf.ts';
import type { AdfDocument, AdfNode } from './adf.ts';
import { adfFormat, nodesIn } from './adf-format.ts';
import { ADF_LIMIT } from './limits.ts';
import { MARK_TEXT } from './markup.ts';
import type { Markup } from './markup.ts';

/** What we can read inside our panel. With anything else in it the block says nothing, and is left alone. */
const READABLE = new Set([
  'paragraph',
  'text',
  'hardBreak',
  'bulletList',
  'orderedList',
  'listItem',
  'heading',
  'codeBlock',
  'rule',
]);
const READABLE_MARKS = new Set(['strong', 'em', 'code', 'strike', 'underline', 'subsup', 'link']);
const SMALL = { type: 'subsup', attrs: { type: 'sub' } };

function markLine(mark: string): AdfNode {
  return { type: 'paragraph', content: [{ type: 'text', text: mark, marks: [SMALL] }] };
}

/** The mark that a paragraph consists of, in small print; words of people are not in it. */
function markOf(node: AdfNode, kind: 'begin' | 'comment'): string | undefined {
  if (node.type !== 'paragraph' || node.content === undefined) return undefined;
  const [only, ...more] = normalNodes(node.content);
  const isSmall = only?.marks?.some((mark) => mark.type === 'subsup') === true;
  const text = only?.text?.trim() ?? '';
  if (!isSmall || more.length > 0 || !MARK_TEXT.test(text)) return undefined;
  return text.startsWith(`tmi:${kind} `) ? text : undefined;
}

function isPanelOfOurs(node: AdfNode): boolean {
  return node.type === 'panel' && (node.content ?? []).some((child) => markOf(child, 'begin') !== undefined);
}

function countMarks(node: AdfNode): number {
  const own = markOf(node, 'begin') === undefined ? 0 : 1;
  return (node.content ?? []).reduce((sum, child) => sum + countMarks(child), own);
}

function isReadable(node: AdfNode): boolean {
  if (!READABLE.has(node.type)) return false;
  if (node.marks?.some((mark) => !READABLE_MARKS.has(mark.type)) === true) return false;
  return (node.content ?? []).every(isReadable);
}

function blockIn(document: AdfDocument): ManagedBlock {
  const marks = countMarks(document);
  if (marks === 0) return { kind: 'absent' };
  if (marks > 1) return { kind: 'damaged', why: 'the issue carries more than one mark of ours' };
  const content = document.content.find(isPanelOfOurs)?.content ?? [];
  const mark = content.map((node) => markOf(node, 'begin')).find((each) => each !== undefined);
  if (mark === undefined) return { kind: 'damaged', why: 'our mark is no longer in its panel' };
  const nodes = content.filter((node) => markOf(node, 'begin') === undefined);
  if (!nodes.every(isReadable)) return { kind: 'unknown' };
  return { kind: 'present', mark, text: JSON.stringify(normalNodes(nodes)) };
}

function panelOf(block: { mark: string; text: string }, former?: AdfNode): AdfNode {
  const content = [...nodesIn(block.text), markLine(block.mark)];
  return former === undefined
    ? { type: 'panel', attrs: { panelType: 'info' }, content }
    : { ...former, content };
}

function documentIn(body: string): AdfDocument | undefined {
  if (body === '') return documentOf([]);
  try {
    const value: unknown = JSON.parse(body);
    return isDocument(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function replaced(document: AdfDocument, block: { mark: string; text: string }): AdfDocument | undefined {
  const found = blockIn(document);
  if (found.kind === 'damaged' || found.kind === 'unknown') return undefined;
  if (found.kind === 'absent') return { ...document, content: [...document.content, panelOf(block)] };
  const content = document.content.map((node) => (isPanelOfOurs(node) ? panelOf(block, node) : node));
  return { ...document, content };
}

/** Text as Jira Cloud has it: our block is one panel, with its mark as the last line, in small print. */
export const adfMarkup: Markup = {
  format: adfFormat(ADF_LIMIT),
  read(description) {
    if (description === null) return { body: '', block: { kind: 'absent' } };
    if (description === undefined) return { body: '', block: { kind: 'unknown' } };
    const body = JSON.stringify(description);
    return { body, block: isDocument(description) ? blockIn(description) : { kind: 'unknown' } };
  },
  compose: (block) => documentOf([panelOf(block)]),
  replace(body, block) {
    const document = documentIn(body);
    const description = document === undefined ? undefined : replaced(document, block);
    return description === undefined ? undefined : { description, length: wordsOf(description).length };
  },
  comment: (text, mark) => documentOf([...nodesIn(text), markLine(mark)]),
  commentText(body) {
    if (!isDocument(body)) return typeof body === 'string' ? body : '';
    return body.content
      .map((node) => {
        const mark = markOf(node, 'comment');
        return mark === undefined ? wordsOf(node) : `<!-- ${mark} -->`;
      })
      .join('')
      .trim();
  },
  commentMark(body) {
    if (!isDocument(body)) return undefined;
    return body.content.map((node) => markOf(node, 'comment')).find((mark) => mark !== undefined);
  },
};
