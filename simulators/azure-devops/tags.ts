import type { Organization, State } from './state.ts';
import { newGuid } from './state.ts';

/** The tags in one text, as people write them: `a; b`. */
export function splitTags(text: string): string[] {
  return text
    .split(/[;,]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** The text of these tags: each once, in the letters of the organization's first use, in alphabetical order. */
export function joinTags(state: State, organization: Organization, tags: readonly string[]): string {
  const names = tags.map((tag) => ensureTag(state, organization, tag));
  return [...new Set(names)].toSorted((one, other) => one.localeCompare(other, 'en')).join('; ');
}

function ensureTag(state: State, { tags }: Organization, name: string): string {
  const key = name.toLowerCase();
  const known = tags.get(key) ?? { id: newGuid(state), name };
  tags.set(key, known);
  return known.name;
}
