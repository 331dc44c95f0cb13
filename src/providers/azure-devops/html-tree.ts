/**
 * The few parts of HTML that we write, and the one form of them in which texts are compared. Editors and the service
 * itself rewrite markup: attributes, wrappers, spaces and entities say nothing.
 */

/** Attributes with angle brackets in them are none that the service keeps. */
const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)>|[^<]+|</g;
const VOID = new Set(['br', 'hr', 'img', 'col', 'input']);
const PARAGRAPHS = new Set(['p', 'div', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const STYLES = new Map<string, 'b' | 'i' | 'code'>([
  ['b', 'b'],
  ['strong', 'b'],
  ['i', 'i'],
  ['em', 'i'],
  ['code', 'code'],
  ['tt', 'code'],
  ['samp', 'code'],
  ['kbd', 'code'],
]);
const WITHOUT_MEANING = new Set(['span', 'font', 'small', 'big', 'wbr', 'u', 's', 'a', 'br', 'ul', 'ol']);
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function decodeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (written, ...groups) => {
    const [decimal, hex, name] = groups.map((group) => (typeof group === 'string' ? group : undefined));
    if (name !== undefined) return ENTITIES.get(name) ?? written;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      ? String.fromCodePoint(code)
      : written;
  });
}

/** A stretch of words in one style; `\n` stands for a line break. */
interface Run {
  text: string;
  style: string;
  href: string;
}

interface Block {
  kind: 'p' | 'blockquote' | 'li';
  runs: Run[];
}

const BLOCKS = new Map<string, Block['kind']>([
  ['blockquote', 'blockquote'],
  ['li', 'li'],
]);

/** Are all elements such as we know, so that comparing loses nothing that people put there? */
export function isReadable(html: string): boolean {
  for (const { 2: name } of html.matchAll(TOKEN)) {
    const tag = name?.toLowerCase() ?? '';
    if (tag !== '' && ![STYLES, WITHOUT_MEANING, PARAGRAPHS, BLOCKS].some((known) => known.has(tag)))
      return false;
  }
  return true;
}

/** Does every element end that begins here, so that the piece can be taken out of a text? */
export function isBalanced(html: string): boolean {
  let depth = 0;
  for (const { 1: slash, 2: name, 3: rest } of html.matchAll(TOKEN)) {
    if (name === undefined || VOID.has(name.toLowerCase()) || rest?.endsWith('/') === true) continue;
    depth += slash === '/' ? -1 : 1;
  }
  return depth === 0;
}

function blocksOf(html: string): Block[] {
  const blocks: Block[] = [];
  const styles: ('b' | 'i' | 'code')[] = [];
  const inside: Block['kind'][] = [];
  let href = '';
  let current: Block = { kind: 'p', runs: [] };
  const flush = (kind: Block['kind']): void => {
    blocks.push(current);
    current = { kind, runs: [] };
  };
  const add = (text: string): void => {
    current.runs.push({ text, style: [...new Set(styles)].toSorted().join(' '), href });
  };
  for (const { 0: whole, 1: slash, 2: name, 3: attributes } of html.matchAll(TOKEN)) {
    const tag = name?.toLowerCase() ?? '';
    const isEnd = slash === '/';
    const style = STYLES.get(tag);
    const block = BLOCKS.get(tag);
    if (tag === '') add(whole.startsWith('<!--') ? '' : decodeHtml(whole).replace(/[\s\u00A0]+/g, ' '));
    else if (tag === 'br') add('\n');
    else if (tag === 'a') href = isEnd ? '' : addressOf(attributes ?? '');
    else if (style !== undefined) {
      const at = styles.lastIndexOf(style);
      if (!isEnd) styles.push(style);
      else if (at >= 0) styles.splice(at, 1);
    } else if (block !== undefined) {
      const at = inside.lastIndexOf(block);
      if (!isEnd) inside.push(block);
      else if (at >= 0) inside.splice(at, 1);
      flush(inside.at(-1) ?? 'p');
    } else if (tag === 'ul' || tag === 'ol') flush(inside.at(-1) ?? 'p');
    else if (PARAGRAPHS.has(tag)) {
      // A quote of several paragraphs stays one quote.
      if (inside.length === 0) flush('p');
      else if ((current.runs.findLast((run) => run.text !== ' ')?.text ?? '\n') !== '\n') add('\n');
    }
  }
  flush('p');
  return blocks;
}

function addressOf(attributes: string): string {
  const [, double, single, bare] =
    /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes) ?? [];
  const href = decodeHtml(double ?? single ?? bare ?? '').trim();
  return /^https?:\/\/[^\s<>"'`]+$/i.test(href) ? href : '';
}

/** One space between words, none at the ends of lines, at most one empty line, runs of one style as one. */
function tidied(runs: readonly Run[]): Run[] {
  const tidy: Run[] = [];
  let before = '\n';
  let breaks = 2;
  for (const { text, style, href } of runs) {
    let kept = '';
    for (const sign of text) {
      if (sign === ' ' && (before === ' ' || before === '\n')) continue;
      if (sign === '\n' && breaks === 2) continue;
      breaks = sign === '\n' ? breaks + 1 : sign === ' ' ? breaks : 0;
      if (sign === '\n' && before === ' ') kept = trimLast(tidy, kept);
      kept += sign;
      before = sign;
    }
    const last = tidy.at(-1);
    if (last !== undefined && last.style === style && last.href === href) last.text += kept;
    else if (kept !== '') tidy.push({ text: kept, style, href });
  }
  for (let last = tidy.at(-1); last !== undefined; last = tidy.at(-1)) {
    last.text = last.text.trimEnd();
    if (last.text !== '') break;
    tidy.pop();
  }
  return joined(tidy);
}

/** A link around nothing but space is none: what is then the same on both sides is one run. */
function joined(runs: readonly Run[]): Run[] {
  const whole: Run[] = [];
  for (const run of runs) {
    const href = run.text.trim() === '' ? '' : run.href;
    const last = whole.at(-1);
    if (last !== undefined && last.style === run.style && last.href === href) last.text += run.text;
    else whole.push({ ...run, href });
  }
  return whole;
}

/** Drops the space before a line break, which may be the end of an earlier run. */
function trimLast(tidy: Run[], kept: string): string {
  if (kept !== '') return kept.replace(/ $/, '');
  const last = tidy.at(-1);
  if (last === undefined) return kept;
  last.text = last.text.replace(/ $/, '');
  if (last.text === '') tidy.pop();
  return kept;
}

function runHtml({ text, style, href }: Run): string {
  const words = escapeHtml(text).replaceAll('\n', '<br>');
  const tags = style === '' ? [] : style.split(' ');
  const styled = tags.reduce((inner, tag) => `<${tag}>${inner}</${tag}>`, words);
  return href === '' ? styled : `<a href="${escapeHtml(href).replaceAll('"', '&quot;')}">${styled}</a>`;
}

/** The one form of a text. Idempotent. */
export function canonicalHtml(html: string): string {
  let canonical = '';
  let isList = false;
  for (const { kind, runs } of blocksOf(html)) {
    const inner = tidied(runs).map(runHtml).join('');
    if (inner === '') continue;
    if (isList !== (kind === 'li')) canonical += isList ? '</ul>' : '<ul>';
    isList = kind === 'li';
    canonical += `<${kind}>${inner}</${kind}>`;
  }
  return canonical + (isList ? '</ul>' : '');
}
