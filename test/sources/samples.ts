import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, FILE_LIMITS } from '../../src/sources/read-model.ts';
import type { ParsedModel } from '../../src/ports/source.ts';
import { sharedFolder } from '../shared.ts';

/** Other people's files: where they are, or why tests of them are skipped. */
const folder = sharedFolder();
export const NO_SAMPLES: string | false =
  folder === undefined
    ? 'no folder "shared/samples" beside the checkout; nothing else is needed to run this'
    : false;

export function sample(path: string): Uint8Array {
  return readFileSync(join(folder ?? '', 'samples', path));
}

/** A model shipped with the project. */
export function demoModel(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '..', '..', 'demo', 'models', name));
}

export function bytesOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content, null, 2));
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

export function parse(bytes: Uint8Array): ParsedModel {
  return readModel(bytes, FILE_LIMITS);
}

/** The lines of `after` that are not in `before` at their place, and the ones of `before` that went. */
export function changedLines(before: string, after: string): { gone: string[]; added: string[] } {
  const [old, next] = [before.split('\n'), after.split('\n')];
  const rest = [...old];
  const added = next.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return { gone: rest.map((line) => line.trim()), added: added.map((line) => line.trim()) };
}
