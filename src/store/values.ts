/** The same JavaScript values from both engines: by type id, from the text PostgreSQL sends. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  17: bytesOf,
  20: integerOf,
  1184: instantOf,
};

/** Throws a RangeError beyond 2^53: none of our counters gets there, and a rounded one would be a lie. */
function integerOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a JavaScript number`);
  return value;
}

/** `2026-11-22 08:20:00.018+00` (the session runs in UTC) as ISO with milliseconds; `-infinity` as it is. */
function instantOf(text: string): string {
  if (text.endsWith('infinity')) return text;
  return new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z')).toISOString();
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

/** Text for a plain column: PostgreSQL knows neither NUL nor half a surrogate pair. The document keeps the original. */
export function plainText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** How titles are searched: lower case by JavaScript's rules, which do not depend on the database's locale. */
export function searchText(text: string): string {
  return plainText(text).toLowerCase();
}
