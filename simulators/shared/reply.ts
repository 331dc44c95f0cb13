import type { Answer } from './answers.ts';

/** What goes out: bytes, or a broken connection. `cutAt` breaks it after so many bytes. */
export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
  cutAt?: number;
}

/** The answer as bytes. */
export function replyOf({ status, json, text, headers }: Answer): Reply {
  return { status, headers: headers ?? {}, text: json === undefined ? (text ?? '') : JSON.stringify(json) };
}

/** Parsed JSON; the text if it was none; undefined if there was nothing. */
export function jsonOrText(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
