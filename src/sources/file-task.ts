import { AppError } from '../domain/errors.ts';
import type { ErrorCode, Fault } from '../domain/errors.ts';
import type { Format } from '../domain/threat.ts';
import type { ParsedModel, PatchedFile, StatusEdit } from '../ports/source.ts';
import { FILE_FORMATS } from './detect.ts';
import { readModel, refuseBySize } from './read-model.ts';
import type { FileLimits } from './read-model.ts';

/** What the worker thread is asked to do. */
export type FileTask =
  | { kind: 'read'; bytes: Uint8Array; limits: FileLimits }
  | { kind: 'patch'; format: Format; bytes: Uint8Array; edits: readonly StatusEdit[]; limits: FileLimits };

/** What it answers; errors lose their class between threads, so they travel as data. */
export type FileAnswer =
  | { kind: 'read'; model: ParsedModel }
  | { kind: 'patched'; file: PatchedFile }
  | { kind: 'refused'; code: ErrorCode; message: string; faults: readonly Fault[] };

/** Do the task; what the file is to blame for is an answer, anything else throws. */
export function perform(task: FileTask): FileAnswer {
  try {
    if (task.kind === 'read') return { kind: 'read', model: readModel(task.bytes, task.limits) };
    refuseBySize(task.bytes, task.limits);
    const format = FILE_FORMATS.find((each) => each.id === task.format);
    if (format === undefined)
      throw new AppError('model-format-unknown', `Models of the format ${task.format} are not files.`);
    return { kind: 'patched', file: format.patch(task.bytes, task.edits) };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { kind: 'refused', code: thrown.code, message: thrown.message, faults: thrown.faults };
  }
}
