import type { Category, Mitigation, SourceThreat, ThreatElement, Warning } from '../../domain/threat.ts';
import { pointerOf } from '../checked.ts';
import { key, line, severityOf, text, title } from '../words.ts';
import type { Entry } from './entries.ts';
import { meaningOf } from './status.ts';

/** A threat of the file in our words; what is odd about it goes to `warn`. */
export function threatOf(entry: Entry, warn: (warning: Warning) => void): SourceThreat {
  const { threat } = entry;
  const where = pointerOf(entry.path);
  const [status, severity] = [line(threat.status), line(threat.severity)];
  const meaning = meaningOf(status);
  if (meaning === undefined && status !== '')
    warn({ code: 'unknown-status', where, message: `The status "${status}" is not known; read as open.` });
  const rank = severityOf(severity);
  if (rank === undefined)
    warn({
      code: 'unknown-severity',
      where,
      message: `The severity "${severity}" is not known; left unspecified.`,
    });
  const score = scoreOf(entry);
  const reason = entry.cell.data?.outOfScope === true ? text(entry.cell.data.reasonOutOfScope) : '';
  return {
    key: entry.key,
    ...(line(threat.number) === '' ? {} : { displayRef: `#${line(threat.number)}` }),
    title: title(threat.title),
    description: text(threat.description),
    status: meaning ?? 'identified',
    severity: rank ?? 'unspecified',
    ...(score === undefined ? {} : { score }),
    category: categoryOf(entry),
    element: elementOf(entry),
    mitigations: mitigationsOf(text(threat.mitigation)),
    references: [],
    tags: [],
    ...(reason === '' ? {} : { justification: reason }),
    raw: { ...(status === '' ? {} : { status }), ...(severity === '' ? {} : { severity }) },
    ...(entry.id === '' ? {} : { copy: { id: key(entry.id), key: entry.longKey } }),
  };
}

/** `type` is free text in the language of the user's screen; a card of the EoP game has none. */
function categoryOf({ threat, diagram }: Entry): Category {
  const card = [line(threat.cardSuit), line(threat.cardNumber)].filter((each) => each !== '').join(' ');
  const value = line(threat.type) || card || line(threat.eopGameId);
  return {
    taxonomy: line(threat.modelType) || line(diagram.diagramType) || 'Generic',
    values: value === '' ? [] : [value],
  };
}

const KINDS: Readonly<Record<string, string>> = {
  'tm.Actor': 'actor',
  'tm.Process': 'process',
  'tm.Store': 'store',
  'tm.Flow': 'data flow',
  'tm.Boundary': 'trust boundary',
  'tm.BoundaryBox': 'trust boundary',
};

function elementOf({ cell, diagram }: Entry): ThreatElement {
  const type = line(cell.data?.type);
  const kind = KINDS[type] ?? (type.replace(/^tm\./, '') || 'element');
  const drawn = line(diagram.title);
  return {
    id: line(cell.id),
    name: line(cell.data?.name) || kind,
    kind,
    ...(drawn === '' ? {} : { diagram: drawn }),
    ...(cell.data?.outOfScope === true ? { outOfScope: true } : {}),
  };
}

const PARAGRAPHS = /\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)/u;
const BULLET = /^\s*(?:[-*•]|\d+[.)])\s+/u;

/** The tool keeps one free text: each paragraph or list item of it is a measure, none has a status. */
function mitigationsOf(words: string): Mitigation[] {
  return words
    .split(PARAGRAPHS)
    .map((part) => line(part.replace(BULLET, '')))
    .filter((part) => part !== '')
    .map((part, index) => ({ key: `${index + 1}`, title: part, status: 'unknown', shared: false }));
}

function scoreOf({ threat }: Entry): number | undefined {
  const score = line(threat.score);
  return score !== '' && Number.isFinite(Number(score)) ? Number(score) : undefined;
}
