import { AppError } from '../domain/errors.ts';
import type { FileFormat } from '../ports/source.ts';
import { threatComposer } from './threat-composer/index.ts';
import { threatDragon } from './threat-dragon/index.ts';

/** The file formats that are read, in the order in which they are tried. */
export const FILE_FORMATS: readonly FileFormat[] = [threatDragon, threatComposer];

const READS = `This version reads ${FILE_FORMATS.map((each) => each.title).join(' and ')}`;

/** The format of parsed JSON, by its content. Throws `model-format-unknown` that names what the file is, if it can tell. */
export function formatOf(content: unknown): { format: FileFormat; why: string } {
  for (const format of FILE_FORMATS) {
    const why = format.detect(content);
    if (why !== undefined) return { format, why };
  }
  const known = JSON_SIGNS.find((each) => each.sign(content));
  throw unknown(known?.what ?? NO_MODEL, known?.remedy);
}

/** Throws `model-format-unknown` for a file that is no JSON but a model format that we know of. */
export function refuseOtherText(text: string): void {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  const known = TEXT_SIGNS.find((each) => each.sign.test(start));
  if (known !== undefined) throw unknown(known.what, known.remedy);
}

const NO_MODEL = 'This JSON is no threat model of a kind that we know';

function unknown(what: string, remedy = 'Export the model in one of these formats.'): AppError {
  return new AppError('model-format-unknown', `${what}. ${READS}. ${remedy}`);
}

interface Sign<T> {
  sign: T;
  what: string;
  remedy?: string;
}

const UPGRADE = 'Open it in Threat Dragon 2 and save it: that makes a version 2 file.';

const JSON_SIGNS: readonly Sign<(content: unknown) => boolean>[] = [
  {
    sign: (it) => Array.isArray(it) && it.every((each) => at(each, 'synthetic_id') !== undefined),
    what: 'This is a Threagile risks file',
  },
  { sign: (it) => at(it, 'threagile_version') !== undefined, what: 'This is a Threagile model' },
  { sign: (it) => at(it, 'otmVersion') !== undefined, what: 'This is an Open Threat Model (OTM) file' },
  {
    sign: (it) => at(it, 'bomFormat') !== undefined,
    what: 'This is a CycloneDX bill of materials, which holds no threat model of its own',
  },
  {
    sign: (it) => ['threat_personas', 'threats', 'controls'].every((key) => at(it, key) !== undefined),
    what: 'This is a Threat Model Library (TM-BOM) file',
  },
  {
    sign: (it) =>
      at(it, 'findings') !== undefined && (at(it, 'threatsFile') ?? at(it, 'elements')) !== undefined,
    what: 'This is the JSON output of pytm',
  },
  { sign: (it) => someDiagram(it, 'diagramJson'), what: 'This is a Threat Dragon v1 model', remedy: UPGRADE },
  { sign: (it) => someDiagram(it, 'cells'), what: 'This Threat Dragon model has a newer version than 2' },
  {
    sign: (it) => at(it, 'detail', 'diagrams') !== undefined,
    what: 'This is a Threat Dragon v1 model without diagrams',
    remedy: UPGRADE,
  },
  {
    sign: (it) => at(it, 'summary') !== undefined && at(it, 'version') !== undefined,
    what: 'This looks like a Threat Dragon model, but it has no detail.diagrams',
    remedy: 'Open and save it in Threat Dragon 2.',
  },
  {
    sign: (it) => typeof at(it, 'schema') === 'number' && at(it, 'applicationInfo') !== undefined,
    what: 'This is a Threat Composer workspace of another schema than 1',
  },
];

const TEXT_SIGNS: readonly Sign<RegExp>[] = [
  { sign: /^PK\p{Cc}\p{Cc}/u, what: 'This is a zip archive', remedy: 'Unpack it and give the model file.' },
  {
    sign: /^(?:<\?xml[^>]*>\s*)?<ThreatModel\b[^>]*ThreatModeling\.Model/,
    what: 'This is a Microsoft Threat Modeling Tool model (.tm7)',
  },
  {
    sign: /^(?:<\?xml[^>]*>\s*)?<KnowledgeBase\b/,
    what: 'This is a Microsoft Threat Modeling Tool template (.tb7), not a model',
  },
  { sign: /^</, what: 'This is XML or HTML' },
  { sign: /^["']?threagile_version["']?\s*:/m, what: 'This is a Threagile model' },
  { sign: /^["']?otmVersion["']?\s*:/m, what: 'This is an Open Threat Model (OTM) file' },
  { sign: /^threatmodel\s+"/m, what: 'This is a threatcl (HCL) model' },
];

function someDiagram(content: unknown, key: string): boolean {
  const diagrams = at(content, 'detail', 'diagrams');
  return Array.isArray(diagrams) && diagrams.some((each) => at(each, key) !== undefined);
}

/** The value under these keys; undefined when there is none. */
function at(content: unknown, ...keys: readonly string[]): unknown {
  let value: unknown = content;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(key);
  }
  return value;
}
