/** A JSON value as one line of text: texts as they are, the rest as JSON; nothing is empty. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
