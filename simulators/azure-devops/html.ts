/** How the service rewrites a long text before it keeps it: what it does not know or does not trust goes. */

const WITH_CONTENT = 'script|style|iframe|object|embed|noscript|template|svg|math|title|textarea|select';
const VOID = new Set(['br', 'hr', 'img', 'col']);
const ALLOWED = new Set(
  'a b blockquote br caption code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre s small span strike strong sub sup table tbody td tfoot th thead tr u ul'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'href src alt title colspan rowspan width height align valign style color face size start target data-vss-mention'.split(
    ' ',
  ),
);
const STYLES =
  /^(color|background-color|font(-\w+)?|text-(align|decoration|indent)|margin(-\w+)?|padding(-\w+)?|border(-\w+)*|width|height|display|white-space|list-style-type|box-sizing)$/;
const ADDRESS = /^(https?:|mailto:|ftp:|vstfs:|#|\/|[^:]*$)/i;

/** A text as it is kept, and the dangerous things that came as markup. */
export interface Cleaned {
  text: string;
  dangers: string[];
}

export function cleanHtml(html: string): Cleaned {
  if (!/[<&]/.test(html)) return { text: html, dangers: [] };
  const dangers: string[] = [];
  const safe = withoutDangers(html, dangers);
  const open: string[] = [];
  let text = '';
  for (const { 0: whole, 1: slash, 2: name, 3: attributes } of safe.matchAll(TOKEN)) {
    const tag = name?.toLowerCase() ?? '';
    if (tag === '') text += whole.startsWith('<!--') ? '' : plain(whole);
    else if (!ALLOWED.has(tag)) continue;
    else if (slash === '/') text += closed(open, tag);
    else {
      text += `<${tag}${kept(attributes ?? '', dangers)}>`;
      if (!VOID.has(tag)) open.push(tag);
    }
  }
  return {
    text:
      text +
      open
        .toReversed()
        .map((tag) => `</${tag}>`)
        .join(''),
    dangers,
  };
}

/** Markdown keeps its own signs; HTML inside it loses what the service does not know. */
export function cleanMarkdown(markdown: string): Cleaned {
  const dangers: string[] = [];
  const text = withoutDangers(markdown, dangers).replaceAll(
    MARKDOWN_TAG,
    (_, slash: string | undefined, name: string | undefined, attributes: string | undefined) => {
      const tag = name?.toLowerCase() ?? '';
      if (!ALLOWED.has(tag)) return '';
      return slash === '/' ? `</${tag}>` : `<${tag}${kept(attributes ?? '', dangers)}>`;
    },
  );
  return { text, dangers };
}

const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|[^<]+|</g;
const MARKDOWN_TAG =
  /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s(?:"[^"]*"|'[^']*'|[^'">])*)?\/?)>/g;

function withoutDangers(text: string, dangers: string[]): string {
  const elements = new RegExp(`<(${WITH_CONTENT})\\b[^>]*>(?:[\\s\\S]*?</\\1\\s*>)?`, 'gi');
  return text.replaceAll(elements, (_, name: string) => {
    dangers.push(name.toLowerCase());
    return '';
  });
}

function closed(open: string[], tag: string): string {
  const at = open.lastIndexOf(tag);
  if (at === -1) return '';
  return open
    .splice(at)
    .toReversed()
    .map((each) => `</${each}>`)
    .join('');
}

function kept(attributes: string, dangers: string[]): string {
  const pairs = attributes.matchAll(/([^\s=/"'>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g);
  return [...pairs]
    .map(([, name = '', quoted = '']) => {
      const attribute = name.toLowerCase();
      const value = quoted.replaceAll(/^["']|["']$/g, '');
      if (attribute.startsWith('on')) dangers.push(attribute);
      if (!ATTRIBUTES.has(attribute)) return '';
      if (attribute === 'style') return styled(value);
      if (attribute === 'href' || attribute === 'src') return address(attribute, value, dangers);
      return ` ${attribute}="${value}"`;
    })
    .join('');
}

function styled(style: string): string {
  const rules = style.split(';').flatMap((rule) => {
    const [name = '', value = ''] = rule.split(':').map((part) => part.trim());
    return STYLES.test(name.toLowerCase()) && !/url|expression/i.test(value)
      ? [`${name.toLowerCase()}:${value};`]
      : [];
  });
  return rules.length === 0 ? '' : ` style="${rules.join('')}"`;
}

function address(attribute: string, value: string, dangers: string[]): string {
  const bare = decoded(value).replaceAll(/[\p{Cc}\s]/gu, '');
  if (ADDRESS.test(bare)) return ` ${attribute}="${value}"`;
  if (/^(javascript|vbscript|data):/i.test(bare))
    dangers.push(bare.slice(0, bare.indexOf(':') + 1).toLowerCase());
  return '';
}

function decoded(text: string): string {
  return text
    .replaceAll(/&#x([0-9a-f]+);?/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d+);?/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replaceAll('&colon;', ':')
    .replaceAll('&amp;', '&');
}

/** Text between tags: quotes are not written as entities, what could be read as markup is. */
function plain(text: string): string {
  return text
    .replaceAll(/&(?:quot|#34);/g, '"')
    .replaceAll(/&(?:apos|#39|#x27);/gi, "'")
    .replaceAll(/&(?!(?:[a-z]+|#\d+|#x[0-9a-f]+);)/gi, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
