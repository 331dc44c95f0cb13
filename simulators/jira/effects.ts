/** What a text does when Jira renders it: the simulator does it, so that text which should have been harmless shows. */
import type { AdfNode } from './adf.ts';
import type { Executed } from './notices.ts';
import { wordOf } from './rich.ts';
import type { Rich } from './state.ts';

type Effect = Pick<Executed, 'kind' | 'what'>;

/** Everything that the text makes happen; formatting such as `{panel}` or `{code}` is nothing. */
export function effectsOf(text: Rich): Effect[] {
  return typeof text === 'string' ? wikiEffects(text) : nodeEffects(text);
}

const SCRIPT = /^\s*(javascript|vbscript|data):/i;
const FORMATTING = new Set(['code', 'noformat', 'panel', 'quote', 'color']);

function nodeEffects(node: AdfNode): Effect[] {
  const inner = (node.content ?? []).flatMap(nodeEffects);
  const scripts = (node.marks ?? [])
    .map(({ attrs }) => attrs?.['href'])
    .filter((href) => typeof href === 'string' && SCRIPT.test(href))
    .map((href): Effect => ({ kind: 'script', what: String(href) }));
  const attr = (name: string): string => wordOf(node.attrs?.[name]);
  const own = ((): Effect[] => {
    switch (node.type) {
      case 'mention':
        return [{ kind: 'mention', what: attr('id') }];
      case 'extension':
      case 'inlineExtension':
      case 'bodiedExtension':
        return [{ kind: 'macro', what: attr('extensionKey') }];
      case 'inlineCard':
      case 'blockCard':
      case 'embedCard':
        return [{ kind: 'macro', what: attr('url') }];
      case 'media':
        return node.attrs?.['type'] === 'external' ? [{ kind: 'image', what: attr('url') }] : [];
      default:
        return [];
    }
  })();
  return [...own, ...scripts, ...inner];
}

/** One pass from left to right: a backslash takes the next character's meaning away; code is not looked into. */
const WIKI =
  /\\[\s\S]|\{(code|noformat)(?:[:|][^}\n]*)?\}[\s\S]*?\{\1\}|\[~([^\]\n]+)\]|\[(?:[^\]|\n]*\|)?([^\]|\n]+)(?:\|[^\]\n]*)?\]|\{([a-z][\w-]*)(?:[:|][^}\n]*)?\}|!([^\s!|][^!|\n]*)(?:\|[^!\n]*)?!/gi;

function wikiEffects(text: string): Effect[] {
  const effects: Effect[] = [];
  for (const [, , mention, link, macro, image] of text.matchAll(WIKI)) {
    if (mention !== undefined) effects.push({ kind: 'mention', what: mention.replace(/^accountid:/, '') });
    if (link !== undefined && SCRIPT.test(link)) effects.push({ kind: 'script', what: link });
    if (macro !== undefined && !FORMATTING.has(macro.toLowerCase()))
      effects.push({ kind: 'macro', what: macro });
    if (image !== undefined && /^https?:|\.(png|gif|jpe?g|svg)$/i.test(image))
      effects.push({ kind: 'image', what: image });
  }
  return effects;
}
