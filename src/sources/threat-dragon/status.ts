import type { Status } from '../../domain/threat.ts';
import { squeeze } from '../words.ts';

const MEANINGS: Readonly<Record<string, Status>> = {
  open: 'identified',
  mitigated: 'mitigated',
  eliminated: 'mitigated',
  accepted: 'accepted',
  transferred: 'transferred',
  avoided: 'avoided',
  notapplicable: 'false-positive',
  na: 'false-positive',
};

const WORDS: Readonly<Record<Status, string>> = {
  identified: 'Open',
  analyzing: 'Open',
  mitigating: 'Open',
  mitigated: 'Mitigated',
  accepted: 'Accepted',
  transferred: 'Transferred',
  avoided: 'Avoided',
  'false-positive': 'NotApplicable',
};

/** Words that releases up to 2.6.2 do not know. */
const NEWER = new Set(['accepted', 'transferred', 'avoided', 'eliminated']);

/** Our status for a word of the tool, in any case and spacing; undefined for an unknown word. */
export function meaningOf(word: string): Status | undefined {
  return MEANINGS[squeeze(word)];
}

export function isNewerWord(word: string): boolean {
  return NEWER.has(squeeze(word));
}

/** The tool's word for our status. */
export function wordFor(status: Status): string {
  return WORDS[status];
}

/** How the tool itself decides whether a cell is drawn red. */
export function isOpenWord(word: string): boolean {
  return squeeze(word) === 'open';
}
