import { BREAK, neutralise } from '../shared/hostile-text.ts';

/** A bare web link: plain host, no userinfo, nothing in it that is wiki markup. */
const LINK =
  /(?<=^|[\s(])https?:\/\/[a-z0-9](?:[a-z0-9-]{0,62}\.){0,8}[a-z0-9-]{1,63}(?::\d{1,5})?(?:[/?#][a-z0-9\-._/:?=%+,#]*)?(?=$|[\s).,;:!?])/gi;
/** Pages of Jira itself: they show as references and link back. */
const REFERENCE = /\/(?:browse|issues|projects)\b/i;
const TRAILING = '?!.,:;_-#%+/=';

const EMOTICON = /\((?=(?:[xiyn!?/+*-]|\*[rgby]|on|off|flag|flagoff)\))/gi;
const SMILEY = /([:;])(?=-?[()]|[PD](?![\p{L}\p{N}]))/gu;
const ISSUE_KEY = /\b([A-Z][A-Z0-9_]+-)(?=\d)/g;
const ENTITY = /&(?=#?[a-z0-9]+;)/gi;

/**
 * Words without any effect in wiki markup.
 * https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
 */
function escapeWords(text: string): string {
  return neutralise(text)
    .replace(/\\/g, `\\${BREAK}`)
    .replace(/[{}[\]|!*^~]/g, '\\$&')
    .replace(/\?(?=\?)|(?<=\?)\?/g, '\\?')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/(?<![\p{L}\p{N}])[-+](?=\S)/gu, '\\$&')
    .replace(EMOTICON, '\\(')
    .replace(SMILEY, `$1${BREAK}`)
    .replace(ISSUE_KEY, `$1${BREAK}`)
    .replace(ENTITY, `&${BREAK}`)
    .replace(/(www)\./gi, `$1${BREAK}.`)
    .replace(/(mailto|file):/gi, `$1${BREAK}:`)
    .replace(/:\/\//g, `:${BREAK}//`);
}

/** What ends a sentence is no part of the link before it. */
function linkText(url: string): string {
  if (REFERENCE.test(url)) return escapeWords(url);
  let end = url.length;
  while (end > 0 && TRAILING.includes(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end) + escapeWords(url.slice(end));
}

/** Wiki markup for the inside of a line in which nothing acts but bare links. `text` is clean and has no line break. */
export function escapeWiki(text: string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    result += escapeWords(text.slice(end, match.index)) + linkText(match[0]);
    end = match.index + match[0].length;
  }
  return result + escapeWords(text.slice(end));
}

/** Take the effect of what only acts at the start of a line: headings, quotes, lists, rules. */
export function escapeWikiStart(line: string): string {
  return line
    .replace(/^[\s\u200B-\u200D]+/u, '')
    .replace(/^[-#]/, '\\$&')
    .replace(/^(h[1-6]|bq)\./i, `$1${BREAK}.`);
}

/** What two neighbouring pieces need between them so that they are no reference together. */
export function wikiBreak(left: string, right: string): string {
  return /[A-Z0-9_]-$/.test(left) && /^\d/.test(right) ? BREAK : '';
}
