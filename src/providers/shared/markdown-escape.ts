import { BREAK, neutralise } from './hostile-text.ts';

/** A bare link that every Markdown flavour recognises by itself: plain host, no userinfo. */
const LINK =
  /(?<=^|[\s(])https?:\/\/[a-z0-9](?:[a-z0-9-]{0,62}\.){0,8}[a-z0-9-]{1,63}(?::\d{1,5})?(?=[\s/?#,.;:!)]|$)(?:[/?#][^\s<>"'`]*)?/gi;
/** Addresses of issues, merge requests and commits are references on their own host: they notify and link back. */
const REFERENCE_PATH =
  /\/(?:issues|pull|pulls|discussions|commit|commits|merge_requests|work_items|_workitems|browse|epics)\b/i;
const TRAILING = '?!.,:;*_~\'")]}';
const OTHER_SCHEME = /:\/\//g;

function escapeWords(text: string): string {
  return neutralise(text)
    .replace(/[\\`*[\]|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/!(?=\\\[)/g, '\\!')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/(www)\./gi, `$1${BREAK}.`)
    .replace(OTHER_SCHEME, `:${BREAK}//`);
}

/** What ends a sentence ends the link before it. A loop: a pattern anchored at the end is slow on long runs. */
function linkEnd(url: string): number {
  let end = url.length;
  while (end > 0 && TRAILING.includes(url.charAt(end - 1))) end -= 1;
  return end;
}

function linkText(url: string): string {
  const end = linkEnd(url);
  const bare = url.slice(0, end);
  if (REFERENCE_PATH.test(bare)) return escapeWords(url);
  const safe = bare.replace(/[^a-z0-9\-._/:?#=%+,&]/giu, (character) => encodeURIComponent(character));
  return safe.replace(/[!'()*~]/g, percent) + escapeWords(url.slice(end));
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Markdown for the inside of a line in which nothing acts but bare http and https links. `text` is clean and has no line break. */
export function escapeInline(text: string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    result += escapeWords(text.slice(end, match.index)) + linkText(match[0]);
    end = match.index + match[0].length;
  }
  return result + escapeWords(text.slice(end));
}

/** Take the effect of what only acts at the start of a line: headings, rules, lists, tables, quick actions. */
export function escapeLineStart(line: string): string {
  const text = line.replace(/^[\s\u200B-\u200D]+/u, '');
  if (/^[-=:_+ ]+$/.test(text)) return `\\${text}`;
  return text
    .replace(/^[-+](?=\s)/, '\\$&')
    .replace(/^#/, '\\#')
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
    .replace(/^\//, '\\/');
}

const BULLET = /^( {0,3}) *(?:[-*•]|(\d{1,3})\.) +(?=\S)/;

/** One line of quoted words: a simple list marker stays, everything else is text. */
export function escapeQuotedLine(line: string): string {
  const bullet = BULLET.exec(line);
  const rest = line
    .slice(bullet?.[0].length ?? 0)
    .replace(/ {2,}/g, ' ')
    .trim();
  if (/^[-*_= ]+$/.test(line) && /([-*_=]).*\1/.test(line)) return escapeLineStart(escapeInline(line.trim()));
  const escaped = escapeLineStart(escapeInline(rest));
  if (bullet === null) return escaped;
  const [, indent = '', number] = bullet;
  return `${indent}${number === undefined ? '-' : `${number}.`} ${escaped}`;
}
