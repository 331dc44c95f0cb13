import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from './secret.ts';

/** What a mark says: which link made the issue, and for which threat. */
export interface Mark {
  linkId: string;
  /** Fingerprint of the threat's key: finds our issues again after the store was lost. */
  key: string;
}

const PATTERN = /^tmi:begin v=1 link=([0-9a-f-]{36}) key=([0-9a-f]{16}) mac=[0-9a-f]{16}$/;

/** The first 16 hex digits of SHA-256 of a threat's key: tells threats apart, tells nothing about them. */
export function keyFingerprint(threatKey: string): string {
  return createHash('sha256').update(threatKey).digest('hex').slice(0, 16);
}

function macOf(mark: Mark, installationKey: Secret): string {
  return createHmac('sha256', installationKey.reveal())
    .update(`v=1 link=${mark.linkId} key=${mark.key}`)
    .digest('hex')
    .slice(0, 16);
}

/** The first 16 hex digits of a hash that tells installations apart, and tells nothing about their secret. */
export function installationId(installationKey: Secret): string {
  return createHash('sha256').update(`installation ${installationKey.reveal()}`).digest('hex').slice(0, 16);
}

/** The text of a mark, without the comment signs around it. With a wrong MAC it is only text. */
export function markText(mark: Mark, installationKey: Secret): string {
  return `tmi:begin v=1 link=${mark.linkId} key=${mark.key} mac=${macOf(mark, installationKey)}`;
}

/** The mark of a text; undefined when it is none of this installation's. */
export function readMark(text: string, installationKey: Secret): Mark | undefined {
  const [, linkId, key] = PATTERN.exec(text) ?? [];
  if (linkId === undefined || key === undefined) return undefined;
  const ours = markText({ linkId, key }, installationKey);
  return timingSafeEqual(Buffer.from(text), Buffer.from(ours)) ? { linkId, key } : undefined;
}

/** The key fingerprint of a mark of any installation: for suggestions to a person, never for adoption. */
export function foreignMarkKey(text: string): string | undefined {
  return PATTERN.exec(text)?.[2];
}

/** The hidden text that makes one of our comments known again. */
export function commentMark(opId: string, installationKey: Secret): string {
  const mac = createHmac('sha256', installationKey.reveal())
    .update(`comment ${opId}`)
    .digest('hex')
    .slice(0, 16);
  return `tmi:comment v=1 op=${opId} mac=${mac}`;
}

/** Whether a comment is one of ours: people's tools may show its mark or not, every provider hands it over like this. */
export function isOurComment(text: string): boolean {
  return text.includes('<!-- tmi:comment ');
}
