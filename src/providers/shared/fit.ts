import type { BlockDocument } from '../../domain/block.ts';
import { cleanText } from './hostile-text.ts';

/** How much of each quote and span is shown, in UTF-16 units. */
export interface Room {
  quote: number;
  span: number;
}

const ENOUGH: Room = { quote: Number.POSITIVE_INFINITY, span: Number.POSITIVE_INFINITY };

/** Quotes hold many lines and are cleaned once, before they are measured and cut. */
function prepared(document: BlockDocument): BlockDocument {
  return document.map((node) => {
    if (node.kind !== 'quote') return node;
    return {
      kind: 'quote',
      text: cleanText(node.text)
        .replace(/\n{3,}/g, '\n\n')
        .trim(),
    };
  });
}

/** The greatest room for one kind of text with which the document fits; undefined = not even with none. */
function widest(longest: number, fits: (room: number) => boolean): number | undefined {
  if (!fits(0)) return undefined;
  let low = 0;
  let high = longest;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function longestOf(document: BlockDocument): Room {
  const room: Room = { quote: 0, span: 0 };
  for (const node of document) {
    if (node.kind === 'quote') room.quote = Math.max(room.quote, node.text.length);
    const spans = node.kind === 'paragraph' ? node.spans : node.kind === 'list' ? node.items.flat() : [];
    for (const span of spans) room.span = Math.max(room.span, span.text.length);
  }
  return room;
}

/**
 * The document in a tracker's markup, at most `limit` UTF-16 units: quotes are cut first, then every span; `shorten` is
 * the last resort, for markup that is too long even without words. `render` gets quotes that are clean already.
 */
export function fitted(
  document: BlockDocument,
  limit: number,
  render: (document: BlockDocument, room: Room) => string,
  shorten: (markup: string, limit: number) => string,
): string {
  const ready = prepared(document);
  const whole = render(ready, ENOUGH);
  if (whole.length <= limit) return whole;
  const longest = longestOf(ready);
  const quote = widest(longest.quote, (room) => render(ready, { ...ENOUGH, quote: room }).length <= limit);
  if (quote !== undefined) return render(ready, { ...ENOUGH, quote });
  const span = widest(longest.span, (room) => render(ready, { quote: 0, span: room }).length <= limit);
  return shorten(render(ready, { quote: 0, span: span ?? 0 }), limit);
}
