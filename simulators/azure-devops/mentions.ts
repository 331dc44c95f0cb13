import type { Account, Executed, Format, State, WorkItem } from './state.ts';

/** What a text makes the tracker do when it is saved: https://learn.microsoft.com/azure/devops/organizations/notifications/at-mentions */
interface Order {
  kind: Executed['kind'];
  target: string;
}

/** Does what is new in a text, and keeps it for the tests. */
export function execute(
  state: State,
  item: WorkItem,
  actor: Account,
  field: string,
  texts: { now: string; before: string; format: Format; dangers: readonly string[] },
): void {
  const known = new Set(ordersOf(texts.before, texts.format).map(nameOf));
  const fresh = ordersOf(texts.now, texts.format).filter((order) => !known.has(nameOf(order)));
  const dangers = texts.dangers.map((target): Order => ({ kind: 'script', target }));
  for (const { kind, target } of [...fresh, ...dangers])
    state.executed.push({
      kind,
      organization: item.project.organization.name,
      item: item.id,
      field,
      target,
      by: actor.uniqueName,
    });
}

function nameOf({ kind, target }: Order): string {
  return `${kind} ${target}`;
}

function ordersOf(text: string, format: Format): Order[] {
  const orders = format === 'html' ? htmlOrders(text) : markdownOrders(text);
  const seen = new Set<string>();
  return orders.filter((order) => {
    const isNew = !seen.has(nameOf(order));
    seen.add(nameOf(order));
    return isNew;
  });
}

const GUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

function htmlOrders(html: string): Order[] {
  const visible = html.replaceAll(/<(a|code|pre)\b[\s\S]*?<\/\1>/g, ' ').replaceAll(/<[^>]*>/g, ' ');
  return [
    ...found(
      'mention',
      html,
      new RegExp(`<[^>]*\\sdata-vss-mention="version:[\\d.]+,\\{?(${GUID})\\}?"`, 'g'),
    ),
    ...found('reference', visible, /(?<![\w&/#])#(\d+)\b/g),
    ...found('image', html, /<img[^>]*\ssrc="(https?:[^"]*)"/g),
  ];
}

function markdownOrders(markdown: string): Order[] {
  const prose = markdown
    .replaceAll(/^( {0,3})(```+|~~~+)[\s\S]*?(?:^ {0,3}\2|$(?![\s\S]))/gm, ' ')
    .replaceAll(/(?<!\\)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, ' ');
  return [
    ...found('mention', prose, new RegExp(`(?<!\\\\)@<(${GUID})>`, 'g')),
    ...found(
      'mention',
      prose,
      new RegExp(`<[^>]*\\sdata-vss-mention="version:[\\d.]+,\\{?(${GUID})\\}?"`, 'g'),
    ),
    ...found('reference', prose, /(?<![\w\\&/#])[#!](\d+)\b/g),
    ...found('image', prose, /(?<!\\)!\[[^\]]*\]\(\s*<?(https?:[^)\s>]*)/g),
    ...found('image', prose, /<img[^>]*\ssrc="(https?:[^"]*)"/g),
  ];
}

function found(kind: Executed['kind'], text: string, pattern: RegExp): Order[] {
  return [...text.matchAll(pattern)].map(([, target = '']) => ({ kind, target: target.toLowerCase() }));
}
