/**
 * The Atlassian Document Format, as far as we read and write it. Nodes that came from Jira are never rebuilt: what we do
 * not understand goes back as it came.
 * https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */
export interface AdfNode {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly AdfMark[];
  readonly content?: readonly AdfNode[];
}

export interface AdfMark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

export interface AdfDocument extends AdfNode {
  readonly type: 'doc';
  readonly content: readonly AdfNode[];
}

const MAX_DEPTH = 40;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMark(value: unknown): value is AdfMark {
  return isRecord(value) && typeof value['type'] === 'string' && isAttrs(value['attrs']);
}

function isAttrs(value: unknown): boolean {
  return value === undefined || isRecord(value);
}

function isListOf(value: unknown, test: (each: unknown) => boolean): boolean {
  return value === undefined || (Array.isArray(value) && value.every(test));
}

export function isNode(value: unknown, depth = 0): value is AdfNode {
  if (!isRecord(value) || depth > MAX_DEPTH || typeof value['type'] !== 'string') return false;
  const { text, attrs, marks, content } = value;
  if (text !== undefined && typeof text !== 'string') return false;
  return isAttrs(attrs) && isListOf(marks, isMark) && isListOf(content, (each) => isNode(each, depth + 1));
}

export function isDocument(value: unknown): value is AdfDocument {
  return isNode(value) && value.type === 'doc' && value.content !== undefined;
}

/** The document of these nodes. */
export function documentOf(content: readonly AdfNode[]): AdfDocument & { version: 1 } {
  return { type: 'doc', version: 1, content };
}

/** Words with marks; undefined = there are none, and Jira takes no empty text. */
export function textNode(text: string, ...marks: readonly AdfMark[]): AdfNode | undefined {
  if (text === '') return undefined;
  return marks.length === 0 ? { type: 'text', text } : { type: 'text', text, marks };
}

const LINE_ENDS = new Set(['paragraph', 'heading', 'codeBlock', 'rule', 'tableRow', 'hardBreak']);

/** The words of a node, a line for each paragraph. */
export function wordsOf(node: AdfNode): string {
  if (node.type === 'text') return node.text ?? '';
  const shown = node.attrs?.['text'] ?? node.attrs?.['shortName'] ?? node.attrs?.['url'];
  const inner = (node.content ?? []).map(wordsOf).join('');
  const words = inner === '' && typeof shown === 'string' ? shown : inner;
  return LINE_ENDS.has(node.type) ? `${words}\n` : words;
}

/** What an editor adds or leaves out when it saves a document again. */
const VOLATILE_ATTRS = new Set(['localId']);

function normalAttrs(attrs: AdfNode['attrs'], type: string): AdfNode['attrs'] | undefined {
  const kept = Object.entries(attrs ?? {})
    .filter(([name, value]) => value != null && !VOLATILE_ATTRS.has(name))
    .filter(([name, value]) => !(type === 'orderedList' && name === 'order' && value === 1))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function normalMark({ type, attrs }: AdfMark): AdfMark {
  const kept = normalAttrs(attrs, type);
  return kept === undefined ? { type } : { attrs: kept, type };
}

function normalNode(node: AdfNode): AdfNode {
  const attrs = normalAttrs(node.attrs, node.type);
  const marks = (node.marks ?? []).map(normalMark).toSorted((one, other) => (one.type < other.type ? -1 : 1));
  const content = normalNodes(node.content ?? []);
  return {
    ...(attrs === undefined ? {} : { attrs }),
    ...(content.length === 0 ? {} : { content }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(node.text === undefined ? {} : { text: node.text.normalize('NFC') }),
    type: node.type,
  };
}

/**
 * The form in which nodes are compared: keys in one order, no ids of an editor, neighbouring words with the same marks
 * in one node. Idempotent.
 */
export function normalNodes(nodes: readonly AdfNode[]): readonly AdfNode[] {
  const normal: AdfNode[] = [];
  for (const node of nodes) {
    const next = normalNode(node);
    const last = normal.at(-1);
    if (next.type === 'text' && (next.text ?? '') === '') continue;
    if (last?.type === 'text' && next.type === 'text' && sameMarks(last, next))
      normal[normal.length - 1] = { ...last, text: `${last.text ?? ''}${next.text ?? ''}`.normalize('NFC') };
    else normal.push(next);
  }
  return normal;
}

function sameMarks(one: AdfNode, other: AdfNode): boolean {
  return JSON.stringify(one.marks ?? []) === JSON.stringify(other.marks ?? []);
}

/** One paragraph of plain text. */
export function plainDocument(text: string) {
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}
