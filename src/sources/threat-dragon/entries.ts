import { normalise } from '../../domain/identity.ts';
import type { JsonPath } from '../json-text.ts';
import { key, line, text } from '../words.ts';
import type { DragonCell, DragonDiagram, DragonModel, DragonThreat } from './wire.ts';

/** One threat of the file, where it stands and which key it has in this file. */
export interface Entry {
  threat: DragonThreat;
  cell: DragonCell;
  diagram: DragonDiagram;
  /** Path of the cell's `data` and of the threat in the file. */
  dataPath: JsonPath;
  path: JsonPath;
  /** As the file has it; empty when it has none. */
  id: string;
  /** Unique in this file: the id, or the long key where the id occurs again. */
  key: string;
  /** Id, cell and position among equal ones in that cell. */
  longKey: string;
  /** How many threats of this file share the id. */
  copies: number;
}

/**
 * Every threat of a model in the file's order. Copying a cell in the tool copies its threats with their ids
 * (https://github.com/OWASP/threat-dragon), so an id alone is an identity only while it occurs once.
 */
export function entriesOf(model: DragonModel): readonly Entry[] {
  const found: Omit<Entry, 'key' | 'copies'>[] = [];
  const seen = new Map<string, number>();
  for (const [d, diagram] of model.detail.diagrams.entries()) {
    for (const [c, cell] of (diagram.cells ?? []).entries()) {
      const dataPath = ['detail', 'diagrams', d, 'cells', c, 'data'];
      for (const [t, threat] of (cell.data?.threats ?? []).entries()) {
        const id = line(threat.id ?? threat.threatId);
        const base = `${nameless(threat, id)}#${line(cell.id)}`;
        const position = seen.get(base) ?? 0;
        seen.set(base, position + 1);
        const longKey = key(`${base}#${position}`);
        found.push({ threat, cell, diagram, dataPath, path: [...dataPath, 'threats', t], id, longKey });
      }
    }
  }
  const copies = new Map<string, number>();
  for (const each of found) copies.set(each.id, (copies.get(each.id) ?? 0) + 1);
  return found.map((each) => {
    const count = each.id === '' ? 1 : (copies.get(each.id) ?? 1);
    return { ...each, copies: count, key: each.id === '' || count > 1 ? each.longKey : key(each.id) };
  });
}

function nameless(threat: DragonThreat, id: string): string {
  return id === '' ? `${normalise(text(threat.title))}#${line(threat.type)}` : id;
}
