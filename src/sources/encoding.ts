import { AppError } from '../domain/errors.ts';

/** The text of a file, with its byte order mark if it has one. Throws `model-unreadable` unless it is UTF-8. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new AppError(
      'model-unreadable',
      `The file is ${wide ? 'UTF-16' : 'not UTF-8'} text; models are read as UTF-8. Save it again as UTF-8.`,
      { cause, faults: [{ pointer: 'line 1, column 1', detail: 'not UTF-8' }] },
    );
  }
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
