import { AppError } from '../domain/errors.ts';
import type { Fault } from '../domain/errors.ts';
import type { ParsedModel } from '../ports/source.ts';
import { formatOf, refuseOtherText } from './detect.ts';
import { decode } from './encoding.ts';
import { nodeAt, placeOf, readJson } from './json-text.ts';
import type { JsonNode } from './json-text.ts';

/** What a model file may hold at most. */
export interface FileLimits {
  maxBytes: number;
  maxThreats: number;
  maxDepth: number;
}

export const FILE_LIMITS: FileLimits = { maxBytes: 20 * 1024 * 1024, maxThreats: 5_000, maxDepth: 100 };

/** Throws `model-unreadable` for an empty file and `model-limit-exceeded` for a large one, before anything is read. */
export function refuseBySize(bytes: Uint8Array, limits: FileLimits): void {
  if (bytes.length === 0)
    throw new AppError('model-unreadable', 'The file is empty. Give the model file itself.', {
      faults: [{ pointer: 'line 1, column 1', detail: 'the file is empty' }],
    });
  if (bytes.length > limits.maxBytes)
    throw new AppError(
      'model-limit-exceeded',
      `The file has ${mebibytes(bytes.length)} MiB; at most ${mebibytes(limits.maxBytes)} MiB are read. Images are most of it as a rule: take them out, or split the model.`,
    );
}

/** Parse a model file of any format that is read. Throws as `FileReader.read` says. */
export function readModel(bytes: Uint8Array, limits: FileLimits): ParsedModel {
  refuseBySize(bytes, limits);
  const text = decode(bytes);
  refuseOtherText(text);
  const root = readJson(text, limits.maxDepth);
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  const { format, why } = formatOf(content);
  const model = withPlaces(text, root, () => format.parse(content));
  if (model.threats.length > limits.maxThreats)
    throw new AppError(
      'model-limit-exceeded',
      `The model holds ${model.threats.length} threats; at most ${limits.maxThreats} are read. Split it, or raise the limit.`,
    );
  return { ...model, detected: `${format.title} (${why})` };
}

/** Say of every fault in which line of the file it is. */
function withPlaces<T>(text: string, root: JsonNode, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const faults = thrown.faults.map((each) => ({
      ...each,
      detail: `${each.detail}${placeOfFault(text, root, each)}`,
    }));
    throw new AppError(thrown.code, thrown.message, { cause: thrown, faults });
  }
}

function placeOfFault(text: string, root: JsonNode, fault: Fault): string {
  const steps = fault.pointer.split('/').slice(1);
  for (let length = steps.length; length >= 0; length -= 1) {
    const node = nodeAt(root, steps.slice(0, length));
    if (node !== undefined) return ` (${placeOf(text, node.start)})`;
  }
  return '';
}

function mebibytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(bytes % (1024 * 1024) === 0 ? 0 : 1);
}
