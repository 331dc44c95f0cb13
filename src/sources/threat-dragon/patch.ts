import type { PatchedFile, StatusEdit } from '../../ports/source.ts';
import { checked } from '../checked.ts';
import { decode, encode } from '../encoding.ts';
import { addMember, applyEdits, replaceValue } from '../json-edit.ts';
import type { TextEdit } from '../json-edit.ts';
import { nodeAt, readJson } from '../json-text.ts';
import type { JsonNode } from '../json-text.ts';
import { line } from '../words.ts';
import { entriesOf } from './entries.ts';
import type { Entry } from './entries.ts';
import { isNewerWord, isOpenWord, meaningOf, wordFor } from './status.ts';
import { DragonModel } from './wire.ts';

/** Write statuses, and `hasOpenThreats` of the cells they belong to; nothing else in the file moves. */
export function patch(bytes: Uint8Array, edits: readonly StatusEdit[]): PatchedFile {
  const text = decode(bytes);
  const root = readJson(text);
  const entries = entriesOf(
    checked(DragonModel, JSON.parse(text.replace(/^\uFEFF/, '')), 'Threat Dragon model'),
  );
  const knowsNewer = entries.some((each) => isNewerWord(line(each.threat.status)));
  const byKey = new Map(entries.map((each) => [each.key, each]));
  const words = new Map<Entry, string>();
  const unwritten: { key: string; reason: string }[] = [];
  for (const { key, status } of edits) {
    const entry = byKey.get(key);
    const word = wordFor(status);
    if (entry === undefined) unwritten.push({ key, reason: 'The file holds no threat with this key.' });
    else if (means(line(entry.threat.status)) === means(word)) continue;
    else if (isNewerWord(word) && !knowsNewer)
      unwritten.push({
        key,
        reason: `Threat Dragon up to 2.6.2 has no word for "${status}"; the file keeps "${line(entry.threat.status)}".`,
      });
    else words.set(entry, word);
  }
  const changes = [...words].map(([entry, word]) => setMember(text, root, entry.path, 'status', word));
  return {
    bytes: encode(applyEdits(text, [...changes, ...cellFlags(text, root, entries, words)])),
    unwritten,
  };
}

function means(word: string): string {
  return meaningOf(word) ?? 'identified';
}

/** The flag of every cell that a changed threat belongs to. */
function cellFlags(
  text: string,
  root: JsonNode,
  entries: readonly Entry[],
  words: ReadonlyMap<Entry, string>,
): TextEdit[] {
  const touched = new Set([...words.keys()].map((each) => each.cell));
  const flags: TextEdit[] = [];
  for (const cell of touched) {
    const mine = entries.filter((each) => each.cell === cell);
    const open = mine.some((each) => isOpenWord(words.get(each) ?? line(each.threat.status)));
    const path = mine[0]?.dataPath;
    if (path !== undefined) flags.push(setMember(text, root, path, 'hasOpenThreats', open));
  }
  return flags;
}

function setMember(text: string, root: JsonNode, path: Entry['path'], key: string, value: unknown): TextEdit {
  const node = nodeAt(root, [...path, key]);
  if (node !== undefined) return replaceValue(node, value);
  const object = nodeAt(root, path);
  if (object?.kind !== 'object') throw new TypeError(`no object at ${path.join('/')}`);
  return addMember(text, root, object, key, value);
}
