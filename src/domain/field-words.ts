import type { FieldKey } from './link.ts';

/** A field as people call it, inside a sentence. */
export function nameOfField(field: FieldKey): string {
  if (field === 'block') return 'our part of the text';
  if (field.startsWith('label:')) return `the label "${field.slice('label:'.length)}"`;
  return `the ${field}`;
}

/** The same at the beginning of a sentence. */
export function titleOfField(field: FieldKey): string {
  const name = nameOfField(field);
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

/** A value of a field in a sentence. */
export function quoted(value: string | null): string {
  return value === null ? 'nothing' : `"${value}"`;
}
