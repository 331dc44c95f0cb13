import { createHash } from 'node:crypto';
import type { Severity } from '../domain/threat.ts';

const TITLE = 500;
const KEY = 300;
/** All but tab and line end; PostgreSQL keeps no NUL, and none of them is ever meant. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;
const graphemes = new Intl.Segmenter('en');

/** A text as we keep it: line ends are `\n`, no control characters, nothing that UTF-8 cannot hold. */
export function text(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  return String(value).toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROL, '').trim();
}

/** A text on one line. */
export function line(value: string | number | boolean | null | undefined): string {
  return text(value).replace(/\s+/gu, ' ');
}

/** A title: one line of at most 500 characters; what is cut off becomes an ellipsis. */
export function title(value: string | number | boolean | null | undefined): string {
  const whole = line(value);
  if (whole.length <= TITLE) return whole;
  let cut = '';
  for (const { segment } of graphemes.segment(whole)) {
    if (cut.length + segment.length >= TITLE) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** A key as we keep it; a very long one becomes its hash, since keys are indexed. */
export function key(value: string): string {
  const clean = line(value);
  return clean.length <= KEY ? clean : `sha256:${createHash('sha256').update(clean).digest('hex')}`;
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  veryhigh: 'critical',
  highest: 'critical',
  high: 'high',
  elevated: 'high',
  medium: 'medium',
  low: 'low',
  verylow: 'low',
  lowest: 'low',
  '': 'unspecified',
  tbd: 'unspecified',
  tba: 'unspecified',
  none: 'unspecified',
  unspecified: 'unspecified',
};

/** Our severity for a tool's word; undefined for a word that none of them uses. */
export function severityOf(word: string): Severity | undefined {
  return SEVERITIES[squeeze(word)];
}

/** How words are compared: case, spaces, dashes and underscores do not count. */
export function squeeze(word: string): string {
  return word.toLowerCase().replace(/[\s_-]/g, '');
}
