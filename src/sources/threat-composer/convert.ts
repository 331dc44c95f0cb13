import type { Mitigation, SourceThreat, Warning } from '../../domain/threat.ts';
import { key, line, severityOf, text, title } from '../words.ts';
import { noteOf } from './notes.ts';
import { meaningOf, mitigationStatusOf, STATUS_KEY } from './status.ts';
import type { ComposerModel, ComposerThreat } from './wire.ts';

/** A threat of the workspace, its key in this file, and its place in the list. */
export interface Entry {
  threat: ComposerThreat;
  index: number;
  id: string;
  key: string;
  longKey: string;
  copies: number;
}

/** Every threat in the file's order. Ids are unique unless somebody merged files by hand. */
export function entriesOf(model: ComposerModel): readonly Entry[] {
  const threats = model.threats ?? [];
  const positions = new Map<string, number>();
  const ids = threats.map((each) => line(each.id));
  const counts = Map.groupBy(ids, (id) => id);
  return threats.map((threat, index) => {
    const id = ids[index] ?? '';
    const position = positions.get(id) ?? 0;
    positions.set(id, position + 1);
    const longKey = key(`${id}#${position}`);
    const copies = counts.get(id)?.length ?? 1;
    return { threat, index, id, longKey, copies, key: copies > 1 ? longKey : key(id) };
  });
}

const STRIDE: Readonly<Record<string, string>> = {
  S: 'Spoofing',
  T: 'Tampering',
  R: 'Repudiation',
  I: 'Information disclosure',
  D: 'Denial of service',
  E: 'Elevation of privilege',
};
const REFERENCE = /^(?:CWE|CAPEC|CVE)-[\d-]+$/i;

/** A threat of the workspace in our words; what is odd about it goes to `warn`. */
export function threatOf(
  entry: Entry,
  mitigations: readonly Mitigation[],
  warn: (warning: Warning) => void,
): SourceThreat {
  const { threat } = entry;
  const where = `/threats/${entry.index}`;
  const [status, priority] = [line(threat.status), line(single(threat, 'Priority'))];
  const meaning = meaningOf(status, line(single(threat, STATUS_KEY)));
  if (meaning === undefined)
    warn({
      code: 'unknown-status',
      where,
      message: `The status "${status}" is not known; read as identified.`,
    });
  const rank = severityOf(priority);
  if (rank === undefined)
    warn({
      code: 'unknown-severity',
      where,
      message: `The priority "${priority}" is not known; left unspecified.`,
    });
  const tags = (threat.tags ?? []).map(line).filter((each) => each !== '');
  return {
    key: entry.key,
    ...(line(threat.numericId) === '' ? {} : { displayRef: `T-${line(threat.numericId)}` }),
    title: title(capital(line(threat.threatAction)) || line(threat.statement)),
    description: text(threat.statement),
    status: meaning ?? 'identified',
    severity: rank ?? 'unspecified',
    category: { taxonomy: 'STRIDE', values: many(threat, 'STRIDE').map((each) => STRIDE[each] ?? each) },
    mitigations,
    references: tags.filter((each) => REFERENCE.test(each)),
    tags: tags.filter((each) => !REFERENCE.test(each)),
    raw: { ...(status === '' ? {} : { status }), ...(priority === '' ? {} : { severity: priority }) },
    copy: { id: key(entry.id), key: entry.longKey },
  };
}

/** The mitigations of each threat by its id; a link that leads nowhere is a warning, one to an assumption is not. */
export function mitigationsByThreat(
  model: ComposerModel,
  warn: (warning: Warning) => void,
): ReadonlyMap<string, readonly Mitigation[]> {
  const measures = new Map((model.mitigations ?? []).map((each) => [line(each.id), each]));
  const threats = new Set((model.threats ?? []).map((each) => line(each.id)));
  const assumptions = new Set((model.assumptions ?? []).map((each) => line(each.id)));
  const links = (model.mitigationLinks ?? []).map((each) => ({
    from: line(each.mitigationId),
    to: line(each.linkedId),
  }));
  const users = Map.groupBy(
    links.filter((each) => threats.has(each.to)),
    (each) => each.from,
  );
  const found = new Map<string, Mitigation[]>();
  for (const [index, { from, to }] of links.entries()) {
    const measure = measures.get(from);
    const where = `/mitigationLinks/${index}`;
    if (measure === undefined) warn(dangling(where, `mitigation ${from}`));
    else if (!threats.has(to) && !assumptions.has(to)) warn(dangling(where, `threat ${to}`));
    if (measure === undefined || !threats.has(to)) continue;
    const mine = found.get(to) ?? [];
    found.set(to, mine);
    if (mine.some((each) => each.key === key(from))) continue;
    mine.push({
      key: key(from),
      title: line(measure.content),
      status:
        mitigationStatusOf(line(measure.status), noteOf(measure.metadata, STATUS_KEY) ?? '') ?? 'unknown',
      shared: new Set(users.get(from)?.map((each) => each.to)).size > 1,
    });
  }
  return found;
}

function dangling(where: string, what: string): Warning {
  return {
    code: 'dangling-mitigation',
    where,
    message: `This link names the ${what}, which the file does not hold.`,
  };
}

function single(threat: ComposerThreat, name: string): string {
  return many(threat, name)[0] ?? '';
}

function many(threat: ComposerThreat, name: string): readonly string[] {
  const value = threat.metadata?.find((each) => each.key === name)?.value;
  const values = Array.isArray(value) ? value : [value];
  return values.map((each) => text(each)).filter((each) => each !== '');
}

function capital(words: string): string {
  const [first = '', ...rest] = words;
  return first.toUpperCase() + rest.join('');
}
