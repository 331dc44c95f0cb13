/** The Atlassian Document Format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */

export interface AdfNode {
  readonly type: string;
  readonly version?: number;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly AdfMark[];
  readonly content?: readonly AdfNode[];
}

export interface AdfMark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

interface NodeRule {
  /** Types of children; undefined: it has none. */
  content?: readonly string[];
  /** How many children there must be at least. */
  min?: number;
  /** Attributes with `!` must be there. */
  attrs?: readonly string[];
  marks?: readonly string[];
}

const INLINE = [
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'inlineCard',
  'date',
  'status',
  'mediaInline',
  'inlineExtension',
];
const LISTS = ['bulletList', 'orderedList', 'taskList', 'decisionList'];
const MEDIA = ['mediaGroup', 'mediaSingle'];
const CELL = LISTS.concat(
  MEDIA,
  ['paragraph', 'heading', 'codeBlock', 'blockquote', 'panel', 'rule', 'blockCard', 'embedCard'],
  ['extension', 'nestedExpand'],
);
const BLOCK = [...CELL.filter((each) => each !== 'nestedExpand'), 'table', 'expand', 'bodiedExtension'];
const EXTENSION = ['extensionType!', 'extensionKey!', 'parameters', 'text', 'layout', 'localId'];

const NODES: Readonly<Record<string, NodeRule>> = {
  doc: { content: BLOCK },
  paragraph: { content: INLINE, attrs: ['localId'], marks: ['alignment', 'indentation'] },
  heading: { content: INLINE, attrs: ['level!', 'localId'], marks: ['alignment', 'indentation'] },
  text: {
    marks: ['link', 'em', 'strong', 'strike', 'subsup', 'underline', 'textColor', 'code', 'backgroundColor'],
  },
  hardBreak: { attrs: ['text'] },
  mention: { attrs: ['id!', 'text', 'accessLevel', 'userType', 'localId'] },
  emoji: { attrs: ['shortName!', 'id', 'text', 'localId'] },
  inlineCard: { attrs: ['url', 'data', 'localId'] },
  blockCard: { attrs: ['url', 'data', 'localId', 'layout', 'width', 'datasource'] },
  embedCard: { attrs: ['url!', 'layout!', 'width', 'originalHeight', 'originalWidth', 'localId'] },
  date: { attrs: ['timestamp!', 'localId'] },
  status: { attrs: ['text!', 'color!', 'localId', 'style'] },
  rule: { attrs: ['localId'] },
  codeBlock: { content: ['text'], attrs: ['language', 'uniqueId', 'localId'], marks: ['breakout'] },
  blockquote: {
    content: ['paragraph', 'bulletList', 'orderedList', 'codeBlock', 'extension', ...MEDIA],
    min: 1,
    attrs: ['localId'],
  },
  bulletList: { content: ['listItem'], min: 1, attrs: ['localId'] },
  orderedList: { content: ['listItem'], min: 1, attrs: ['order', 'localId'] },
  listItem: {
    content: ['paragraph', 'bulletList', 'orderedList', 'taskList', 'codeBlock', 'mediaSingle', 'extension'],
    min: 1,
    attrs: ['localId'],
  },
  taskList: { content: ['taskItem', 'taskList', 'blockTaskItem'], min: 1, attrs: ['localId!'] },
  taskItem: { content: INLINE, attrs: ['localId!', 'state!'] },
  decisionList: { content: ['decisionItem'], min: 1, attrs: ['localId!'] },
  decisionItem: { content: INLINE, attrs: ['localId!', 'state!'] },
  panel: {
    content: ['paragraph', 'heading', 'codeBlock', 'rule', 'blockCard', 'extension', ...LISTS, ...MEDIA],
    min: 1,
    attrs: ['panelType!', 'panelIcon', 'panelIconId', 'panelIconText', 'panelColor', 'localId'],
  },
  expand: { content: [...CELL, 'table'], min: 1, attrs: ['title', 'localId'], marks: ['breakout'] },
  nestedExpand: {
    content: ['paragraph', 'heading', 'codeBlock', 'blockquote', 'panel', 'rule', ...LISTS, ...MEDIA],
    min: 1,
    attrs: ['title', 'localId'],
  },
  table: {
    content: ['tableRow'],
    min: 1,
    attrs: ['displayMode', 'isNumberColumnEnabled', 'layout', 'localId', 'width'],
  },
  tableRow: { content: ['tableCell', 'tableHeader'], attrs: ['localId'] },
  tableCell: { content: CELL, min: 1, attrs: ['colspan', 'rowspan', 'colwidth', 'background', 'localId'] },
  tableHeader: { content: CELL, min: 1, attrs: ['colspan', 'rowspan', 'colwidth', 'background', 'localId'] },
  mediaGroup: { content: ['media'], min: 1 },
  mediaSingle: {
    content: ['media', 'caption'],
    min: 1,
    attrs: ['layout', 'width', 'widthType', 'localId'],
    marks: ['link'],
  },
  media: {
    attrs: ['type!', 'id', 'collection', 'url', 'alt', 'width', 'height', 'occurrenceKey', 'localId'],
    marks: ['link', 'border'],
  },
  caption: { content: INLINE, attrs: ['localId'] },
  mediaInline: {
    attrs: ['id!', 'collection!', 'type', 'alt', 'width', 'height', 'localId'],
    marks: ['link', 'border'],
  },
  extension: { attrs: EXTENSION, marks: ['breakout'] },
  inlineExtension: { attrs: EXTENSION },
  bodiedExtension: { content: CELL, min: 1, attrs: EXTENSION, marks: ['breakout'] },
};

const MARKS: Readonly<Record<string, readonly string[]>> = {
  link: ['href!', 'title', 'id', 'collection', 'occurrenceKey'],
  em: [],
  strong: [],
  strike: [],
  underline: [],
  code: [],
  subsup: ['type!'],
  textColor: ['color!'],
  backgroundColor: ['color!'],
  border: ['size!', 'color!'],
  alignment: ['align!'],
  indentation: ['level!'],
  breakout: ['mode!', 'width'],
};

/** Attributes that take only some values. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  'heading.level': [1, 2, 3, 4, 5, 6],
  'panel.panelType': ['info', 'note', 'tip', 'warning', 'error', 'success', 'custom'],
  'taskItem.state': ['TODO', 'DONE'],
  'status.color': ['neutral', 'purple', 'blue', 'red', 'yellow', 'green'],
  'media.type': ['file', 'link', 'external'],
  'subsup.type': ['sub', 'sup'],
};

/** Whether this is a whole document that Jira takes; anything unknown in it is a fault. */
export function isAdfDocument(value: unknown): value is AdfNode {
  if (!isRecord(value) || value['type'] !== 'doc' || value['version'] !== 1) return false;
  return faultOf(value) === undefined;
}

/** What is wrong with a node, with its place; undefined when nothing is. */
function faultOf(value: unknown, place = ''): string | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string') return `${place}: no node`;
  const { type } = value;
  const here = `${place}/${type}`;
  const rule = Object.hasOwn(NODES, type) ? NODES[type] : undefined;
  if (rule === undefined) return `${here}: unknown node`;
  const known = [
    'type',
    'attrs',
    'marks',
    'content',
    ...(type === 'text' ? ['text'] : []),
    ...(type === 'doc' ? ['version'] : []),
  ];
  const stranger = Object.keys(value).find((name) => !known.includes(name));
  if (stranger !== undefined) return `${here}: unknown property ${stranger}`;
  if (type === 'text' && (typeof value['text'] !== 'string' || value['text'] === ''))
    return `${here}: no text`;
  return (
    attrsFault(type, rule.attrs ?? [], value['attrs'], here) ??
    marksFault(rule.marks ?? [], value['marks'], here) ??
    contentFault(type, rule, value['content'], here)
  );
}

function contentFault(type: string, rule: NodeRule, content: unknown, here: string): string | undefined {
  if (content === undefined) {
    const isFree = rule.content === undefined || (rule.min ?? 0) === 0;
    return isFree && type !== 'doc' ? undefined : `${here}: no content`;
  }
  if (!Array.isArray(content) || rule.content === undefined) return `${here}: content is not allowed`;
  if (content.length < (rule.min ?? 0)) return `${here}: too little content`;
  for (const [at, child] of content.entries()) {
    if (!isRecord(child) || !rule.content.some((each) => each === child['type']))
      return `${here}[${at}]: ${isRecord(child) ? String(child['type']) : 'this'} is not allowed here`;
    if (type === 'codeBlock' && child['marks'] !== undefined) return `${here}[${at}]: no marks in code`;
    const fault = faultOf(child, `${here}[${at}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function marksFault(allowed: readonly string[], marks: unknown, here: string): string | undefined {
  if (marks === undefined) return undefined;
  if (!Array.isArray(marks)) return `${here}: marks are no list`;
  const types: string[] = [];
  for (const mark of marks) {
    if (!isRecord(mark) || typeof mark['type'] !== 'string') return `${here}: no mark`;
    const { type } = mark;
    if (!allowed.includes(type)) return `${here}: mark ${type} is not allowed here`;
    if (types.includes(type)) return `${here}: mark ${type} twice`;
    types.push(type);
    const fault = attrsFault(type, MARKS[type] ?? [], mark['attrs'], here);
    if (fault !== undefined) return fault;
  }
  const clash = types.includes('code') && types.find((type) => type !== 'code' && type !== 'link');
  return typeof clash === 'string' ? `${here}: code cannot be ${clash}, too` : undefined;
}

function attrsFault(
  type: string,
  allowed: readonly string[],
  attrs: unknown,
  here: string,
): string | undefined {
  if (attrs !== undefined && !isRecord(attrs)) return `${here}: attrs are no object`;
  const given = attrs ?? {};
  const names = allowed.map((each) => each.replace('!', ''));
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) return `${here}: unknown attribute ${stranger}`;
  for (const each of allowed) {
    const name = each.replace('!', '');
    if (each.endsWith('!') && given[name] === undefined) return `${here}: no attribute ${name}`;
    const values = VALUES[`${type}.${name}`];
    if (values !== undefined && given[name] !== undefined && !values.includes(given[name]))
      return `${here}: ${name} cannot be ${JSON.stringify(given[name])}`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
