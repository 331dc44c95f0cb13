import type { JsonArray, JsonNode, JsonObject } from './json-text.ts';

/** Replace the characters from `start` up to `end` by `text`. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** Apply edits that do not overlap; insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join('') + text.slice(at);
}

export function replaceValue(node: JsonNode, value: unknown): TextEdit {
  return { start: node.start, end: node.end, text: JSON.stringify(value) };
}

/** Add a member before the last one, spelled like it: no other line changes, because no comma has to move. */
export function addMember(
  text: string,
  root: JsonNode,
  node: JsonObject,
  key: string,
  value: unknown,
): TextEdit {
  const last = node.members.at(-1);
  if (last === undefined) return replaceValue(node, { [key]: value });
  const style = styleAt(text, root, last.keyStart);
  const colon = text.slice(last.keyEnd, last.value.start);
  return insertion(last.keyStart, style, `${JSON.stringify(key)}${colon}${render(value, style)}`);
}

/** Add items before the last one; an empty array is written anew at its place. */
export function addItems(text: string, root: JsonNode, node: JsonArray, items: readonly unknown[]): TextEdit {
  const last = node.items.at(-1);
  if (last === undefined)
    return { ...replaceValue(node, []), text: render(items, styleOfLine(text, root, node.start)) };
  const style = styleAt(text, root, last.start);
  return insertion(last.start, style, items.map((each) => render(each, style)).join(`,${style.gap}`));
}

/** How values that stand beside each other are laid out. */
interface Style {
  /** Between a comma and the next value: a line end with the indent, a space, or nothing. */
  gap: string;
  /** One step of indent; undefined where all is on one line. */
  unit: string | undefined;
}

function styleAt(text: string, root: JsonNode, at: number): Style {
  const space = spaceBefore(text, at);
  if (!space.includes('\n')) return { gap: space, unit: undefined };
  return { gap: lineEnd(text) + indentOf(space), unit: unitOf(text, root) ?? '  ' };
}

/** The style of what is put inside a value that had nothing inside. */
function styleOfLine(text: string, root: JsonNode, at: number): Style {
  const unit = unitOf(text, root);
  const line = text.slice(text.lastIndexOf('\n', at) + 1, at);
  return unit === undefined
    ? { gap: '', unit }
    : { gap: lineEnd(text) + indentOf(/^[ \t]*/.exec(line)?.[0] ?? ''), unit };
}

/** The file's step of indent, taken from its first member; undefined for a file on one line. */
function unitOf(text: string, root: JsonNode): string | undefined {
  const first = root.kind === 'object' ? root.members[0]?.keyStart : undefined;
  const space = first === undefined ? '' : spaceBefore(text, first);
  return space.includes('\n') ? indentOf(space) : undefined;
}

function lineEnd(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function indentOf(space: string): string {
  return space.slice(space.lastIndexOf('\n') + 1);
}

function spaceBefore(text: string, at: number): string {
  let from = at;
  while (from > 0 && ' \t\r\n'.includes(text.charAt(from - 1))) from -= 1;
  return text.slice(from, at);
}

function insertion(at: number, style: Style, rendered: string): TextEdit {
  return { start: at, end: at, text: `${rendered},${style.gap}` };
}

function render(value: unknown, style: Style): string {
  if (style.unit === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, style.unit).replaceAll('\n', style.gap);
}
