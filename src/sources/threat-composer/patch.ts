import type { PatchedFile, StatusEdit } from '../../ports/source.ts';
import { checked } from '../checked.ts';
import { decode, encode } from '../encoding.ts';
import { addItems, addMember, applyEdits, replaceValue } from '../json-edit.ts';
import type { TextEdit } from '../json-edit.ts';
import { memberOf, nodeAt, readJson } from '../json-text.ts';
import type { JsonNode, JsonObject } from '../json-text.ts';
import { line } from '../words.ts';
import { entriesOf } from './convert.ts';
import type { Entry } from './convert.ts';
import { ISSUE_KEY, meaningOf, needsNote, STATUS_KEY, wordFor } from './status.ts';
import { ComposerModel } from './wire.ts';

const VALUE_LIMIT = 2000;

/** Write statuses and the issues' addresses; what the tool has no word for goes into metadata of ours. */
export function patch(bytes: Uint8Array, edits: readonly StatusEdit[]): PatchedFile {
  const text = decode(bytes);
  const root = readJson(text);
  const entries = entriesOf(
    checked(ComposerModel, JSON.parse(text.replace(/^\uFEFF/, '')), 'Threat Composer workspace'),
  );
  const byKey = new Map(entries.map((each) => [each.key, each]));
  const unwritten: { key: string; reason: string }[] = [];
  const changes: TextEdit[] = [];
  for (const edit of edits) {
    const entry = byKey.get(edit.key);
    const node = entry === undefined ? undefined : nodeAt(root, ['threats', entry.index]);
    if (entry === undefined || node?.kind !== 'object')
      unwritten.push({ key: edit.key, reason: 'The file holds no threat with this key.' });
    else changes.push(...changesOf(text, root, node, entry, edit));
  }
  return { bytes: encode(applyEdits(text, changes)), unwritten };
}

function changesOf(
  text: string,
  root: JsonNode,
  node: JsonObject,
  entry: Entry,
  edit: StatusEdit,
): TextEdit[] {
  const [word, note] = [line(entry.threat.status), noteOf(entry, STATUS_KEY)];
  const changes: TextEdit[] = [];
  const notes: [string, string][] = [];
  if (meaningOf(word, note ?? '') !== edit.status) {
    const wanted = wordFor(edit.status);
    if ((word || wordFor('identified')) !== wanted)
      changes.push(...setMember(text, root, node, 'status', wanted));
    if (needsNote(edit.status) || note !== undefined) notes.push([STATUS_KEY, edit.status]);
  }
  const url = edit.issueUrl;
  if (url !== undefined && url.length <= VALUE_LIMIT && noteOf(entry, ISSUE_KEY) !== url)
    notes.push([ISSUE_KEY, url]);
  return [...changes, ...setNotes(text, root, node, entry, notes)];
}

function noteOf(entry: Entry, key: string): string | undefined {
  const value = entry.threat.metadata?.find((each) => each.key === key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Replace the notes that are there, add the others to the metadata, and add the metadata where there is none. */
function setNotes(
  text: string,
  root: JsonNode,
  node: JsonObject,
  entry: Entry,
  notes: readonly [string, string][],
): TextEdit[] {
  if (notes.length === 0) return [];
  const metadata = memberOf(node, 'metadata')?.value;
  const fresh: { key: string; value: string }[] = [];
  const changes: TextEdit[] = [];
  for (const [key, value] of notes) {
    const index = entry.threat.metadata?.findIndex((each) => each.key === key) ?? -1;
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

function setMember(text: string, root: JsonNode, node: JsonObject, key: string, value: unknown): TextEdit[] {
  const member = memberOf(node, key);
  return [member === undefined ? addMember(text, root, node, key, value) : replaceValue(member.value, value)];
}
