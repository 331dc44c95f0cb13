import type { PatchedFile, StatusEdit } from '../../ports/source.ts';
import { checked } from '../checked.ts';
import { decode, encode } from '../encoding.ts';
import { applyEdits } from '../json-edit.ts';
import type { TextEdit } from '../json-edit.ts';
import { nodeAt, readJson } from '../json-text.ts';
import type { JsonNode, JsonObject } from '../json-text.ts';
import { key as keyOf, line } from '../words.ts';
import { entriesOf } from './convert.ts';
import type { Entry } from './convert.ts';
import { noteOf, setMember, setNotes } from './notes.ts';
import {
  ISSUE_KEY,
  meaningOf,
  mitigationStatusOf,
  mitigationWordFor,
  needsNote,
  STATUS_KEY,
  wordFor,
} from './status.ts';
import { ComposerModel } from './wire.ts';

const VALUE_LIMIT = 2000;

/** Write statuses, also those of mitigations, and the issues' addresses; what the tool has no word for goes into metadata of ours. */
export function patch(bytes: Uint8Array, edits: readonly StatusEdit[]): PatchedFile {
  const text = decode(bytes);
  const root = readJson(text);
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  const model = checked(ComposerModel, content, 'Threat Composer workspace');
  const entries = entriesOf(model);
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
  changes.push(...mitigationChanges(text, root, model, edits));
  return { bytes: encode(applyEdits(text, changes)), unwritten };
}

function changesOf(
  text: string,
  root: JsonNode,
  node: JsonObject,
  entry: Entry,
  edit: StatusEdit,
): TextEdit[] {
  const [word, note] = [line(entry.threat.status), noteOf(entry.threat.metadata, STATUS_KEY)];
  const changes: TextEdit[] = [];
  const notes: [string, string][] = [];
  if (meaningOf(word, note ?? '') !== edit.status) {
    const wanted = wordFor(edit.status);
    if ((word || wordFor('identified')) !== wanted)
      changes.push(...setMember(text, root, node, 'status', wanted));
    if (needsNote(edit.status) || note !== undefined) notes.push([STATUS_KEY, edit.status]);
  }
  const url = edit.issueUrl;
  if (url !== undefined && url.length <= VALUE_LIMIT && noteOf(entry.threat.metadata, ISSUE_KEY) !== url)
    notes.push([ISSUE_KEY, url]);
  return [...changes, ...setNotes(text, root, node, entry.threat.metadata, notes)];
}

/** Mitigations stand beside the threats that link to them: each is written once. */
function mitigationChanges(
  text: string,
  root: JsonNode,
  model: ComposerModel,
  edits: readonly StatusEdit[],
): TextEdit[] {
  const wanted = new Map(edits.flatMap(({ mitigations }) => Object.entries(mitigations ?? {})));
  return (model.mitigations ?? []).flatMap((measure, index): TextEdit[] => {
    const status = wanted.get(keyOf(line(measure.id)));
    const node = nodeAt(root, ['mitigations', index]);
    const word = status === undefined ? undefined : mitigationWordFor(status);
    if (status === undefined || word === undefined || node?.kind !== 'object') return [];
    const note = noteOf(measure.metadata, STATUS_KEY);
    const said = line(measure.status);
    if (mitigationStatusOf(said, note ?? '') === status) return [];
    const changes = said === word ? [] : setMember(text, root, node, 'status', word);
    const isNoted = status === 'verified' || note !== undefined;
    return [
      ...changes,
      ...setNotes(text, root, node, measure.metadata, isNoted ? [[STATUS_KEY, status]] : []),
    ];
  });
}
