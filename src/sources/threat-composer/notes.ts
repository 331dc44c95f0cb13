import { addItems, addMember, replaceValue } from '../json-edit.ts';
import type { TextEdit } from '../json-edit.ts';
import { memberOf, nodeAt } from '../json-text.ts';
import type { JsonNode, JsonObject } from '../json-text.ts';
import type { ComposerThreat } from './wire.ts';

type Metadata = ComposerThreat['metadata'];

/** What the metadata of a threat or a mitigation says under this key. */
export function noteOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata?.find((each) => each.key === key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Replace the notes that are there, add the others to the metadata, and add the metadata where there is none. */
export function setNotes(
  text: string,
  root: JsonNode,
  node: JsonObject,
  known: Metadata,
  notes: readonly [string, string][],
): TextEdit[] {
  if (notes.length === 0) return [];
  const metadata = memberOf(node, 'metadata')?.value;
  const fresh: { key: string; value: string }[] = [];
  const changes: TextEdit[] = [];
  for (const [key, value] of notes) {
    const index = known?.findIndex((each) => each.key === key) ?? -1;
    const old = metadata === undefined ? undefined : nodeAt(metadata, [index, 'value']);
    if (old === undefined) fresh.push({ key, value });
    else changes.push(replaceValue(old, value));
  }
  if (fresh.length === 0) return changes;
  const added =
    metadata?.kind === 'array'
      ? [addItems(text, root, metadata, fresh)]
      : setMember(text, root, node, 'metadata', fresh);
  return [...changes, ...added];
}

/** Replace a member, or add it. */
export function setMember(
  text: string,
  root: JsonNode,
  node: JsonObject,
  key: string,
  value: unknown,
): TextEdit[] {
  const member = memberOf(node, key);
  return [member === undefined ? addMember(text, root, node, key, value) : replaceValue(member.value, value)];
}
