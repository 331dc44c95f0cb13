/**
 * Words of people and model files, made harmless. Everything from a threat model may have been written by
 * somebody who wants it to act in a tracker: to run a command, call a person, load a picture, end our block.
 */

const DECODE_ROUNDS = 6;
const RAW_LIMIT = 400_000;
const MARKS_PER_CHARACTER = 8;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  tab: ' ',
  newline: '\n',
  num: '#',
  excl: '!',
  percnt: '%',
  dollar: '$',
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  sol: '/',
  bsol: '\\',
  colon: ':',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  rsqb: ']',
  rbrack: ']',
  lowbar: '_',
  grave: '`',
  lcub: '{',
  rcub: '}',
  verbar: '|',
  vert: '|',
  hyphen: '-',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  euro: '€',
  times: '×',
  rarr: '→',
  larr: '←',
  zwj: '',
  shy: '',
};

/** Elements whose tags are dropped. What looks like a tag but is none (`List<String>`, `<id>`) stays, escaped later. */
const TAGS =
  'a|abbr|address|area|article|aside|audio|b|base|big|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|marquee|math|meta|nav|noscript|object|ol|option|p|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|track|tt|u|ul|var|video|wbr';
const BREAKING_TAG =
  /<(?:br|hr)\b[^<>]*>|<\/(?:p|div|li|ul|ol|tr|table|h[1-6]|blockquote|pre|section|article)\b[^<>]*>/gi;
const LIST_TAG = /<li\b[^<>]*>/gi;
const ANY_TAG = new RegExp(`</?(?:${TAGS})(?=[\\s/>])[^<>]*>|<!--[^<>]*-->|<[!?][a-z[][^<>]*>`, 'gi');

// Control characters but newline, bidirectional controls, invisible fillers, non-characters.
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- dropping them is the point
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF\u{E0000}-\u{E007F}]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
const ZALGO = new RegExp(`(\\p{M}{${String(MARKS_PER_CHARACTER)}})\\p{M}+`, 'gu');
const USER_INFO = /:\/\/[^\s/?#]*@/g;

function characterOf(code: number, written: string): string {
  if (!Number.isInteger(code) || code <= 0 || code > 0x10ffff) return '';
  return code >= 0xd800 && code <= 0xdfff ? '' : String.fromCodePoint(code) || written;
}

function decodeOnce(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (written, ...groups) => {
    const [decimal, hex, name] = groups.map((group) => (typeof group === 'string' ? group : undefined));
    if (decimal !== undefined) return characterOf(Number(decimal), written);
    if (hex !== undefined) return characterOf(Number.parseInt(hex, 16), written);
    return ENTITIES[name ?? ''] ?? ENTITIES[(name ?? '').toLowerCase()] ?? written;
  });
}

function stripTags(text: string): string {
  return text.replace(LIST_TAG, '\n- ').replace(BREAKING_TAG, '\n').replace(ANY_TAG, '');
}

/**
 * Plain text of what may be HTML: entities decoded until nothing changes (at most six rounds), tags dropped,
 * credentials taken out of URLs, control, bidirectional and invisible characters and lone surrogates dropped,
 * lines ended by `\n`, NFC.
 */
export function cleanText(text: string): string {
  let clean = text.slice(0, RAW_LIMIT);
  for (let round = 0; round < DECODE_ROUNDS; round += 1) {
    const next = stripTags(decodeOnce(clean));
    if (next === clean) break;
    clean = next;
  }
  return clean
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[\t\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g, ' ')
    .replace(INVISIBLE, '')
    .replace(LONE_SURROGATE, '')
    .replace(ZALGO, '$1')
    .replace(USER_INFO, '://')
    .normalize('NFC');
}

/** As `cleanText`, on one line: line breaks and runs of spaces become one space. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim();
}

/** Breaks a word without being seen: trackers then neither link, mention nor close. */
export const BREAK = '\u200B';

const SIGN = /([@#!%$~])(?=[\p{L}\p{N}_"])|(&)(?=\d)|(GH-)(?=\d)/giu;
const COMMIT = /\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])([0-9a-f]{6})([0-9a-f]{1,58})\b/gi;

/**
 * Take the effect out of mentions (`@x`), references (`#1`, `GH-1`, `o/r#1`, `!1`, `&1`, `~label`, `%m`, `$1`)
 * and commit ids by an invisible break after the sign. A closing word before a number is then only a word.
 */
export function neutralise(text: string): string {
  return text.replace(SIGN, (sign) => sign + BREAK).replace(COMMIT, `$1${BREAK}$2`);
}

/**
 * What two neighbouring pieces need between them so that they are no mention, reference or other emphasis
 * together; a link begins only after a space and swallows all that follows up to the next one.
 */
export function breakBetween(left: string, right: string): string {
  const swallows = /https?:\/\//i.test(left.slice(left.lastIndexOf(' ') + 1)) && /^\S/.test(right);
  if (swallows || (/[^\s(]$/.test(left) && /^[*_]*https?:\/\//i.test(right))) return ' ';
  const meet = /(?:[@#!%$~&]|GH-)$/i.test(left) && /^\\?[\p{L}\p{N}_"]/u.test(right);
  return meet || (/[`*_]$/.test(left) && /^[`*_]/.test(right)) ? BREAK : '';
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The first `limit` UTF-16 units at most, never inside a character as people see it; ` …` shows the cut and is counted. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const room = limit - 2;
  if (room <= 0) return '…'.slice(0, Math.max(0, limit));
  const at = graphemes.segment(text).containing(room)?.index ?? 0;
  return `${text.slice(0, at).trimEnd()} …`;
}
