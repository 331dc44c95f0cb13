import { createHash } from 'node:crypto';
import type { Mitigation, Threat, ThreatContent } from './threat.ts';

/** One spelling for texts that people would call the same: NFC, trimmed, white space collapsed, lower case. */
export function normalise(text: string): string {
  return tidy(text).toLowerCase();
}

/**
 * SHA-256, hex, of what a threat says: title, description, severity, category, the element's name and kind, and the
 * texts and statuses of its mitigations. Layout, order, numbers and the threat's own status do not count; letter
 * case does, because correcting it is an edit that people want to see.
 */
export function contentHash(content: ThreatContent): string {
  return sha256([
    tidy(content.title),
    tidy(content.description),
    content.severity,
    tidy(content.category.taxonomy),
    content.category.values.map(tidy).toSorted(),
    content.element === undefined ? null : [tidy(content.element.name), tidy(content.element.kind)],
    content.mitigations
      .map((each) => JSON.stringify([tidy(each.title), tidy(each.description ?? ''), each.status]))
      .toSorted(),
  ]);
}

/** SHA-256, hex, of what the issue of a mitigation says: its words, and the numbers and titles of the threats it serves. */
export function mitigationHash(
  mitigation: Pick<Mitigation, 'title' | 'description'>,
  serves: readonly Pick<Threat, 'number' | 'title'>[],
): string {
  return sha256([
    tidy(mitigation.title),
    tidy(mitigation.description ?? ''),
    serves.map(({ number, title }) => [number, tidy(title)]),
  ]);
}

/** SHA-256, hex, of what names a threat to people: its element, title and category. Survives a new key. */
export function fingerprint(content: ThreatContent): string {
  return sha256([place(content), normalise(content.title)]);
}

/** The element (its id, else its name) and category of a threat: where it stands in its model. */
export function place(content: ThreatContent): string {
  const { element, category } = content;
  const where =
    element === undefined ? '' : element.id === '' ? `name ${normalise(element.name)}` : element.id;
  return JSON.stringify([where, normalise(category.taxonomy), category.values.map(normalise).toSorted()]);
}

/** SHA-256 of a file's bytes, hex. */
export function fileHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function tidy(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Somebody else's id as one of ours: a UUID stays, any other text becomes always the same UUID (version 8). */
export function uuidOf(id: string): string {
  if (UUID.test(id)) return id.toLowerCase();
  const hex = createHash('sha256').update(id).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
