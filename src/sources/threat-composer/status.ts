import { STATUSES } from '../../domain/threat.ts';
import type { MitigationStatus, Status } from '../../domain/threat.ts';

const WORDS: Readonly<Record<Status, string>> = {
  identified: 'threatIdentified',
  analyzing: 'threatIdentified',
  mitigating: 'threatIdentified',
  mitigated: 'threatResolved',
  accepted: 'threatResolved',
  transferred: 'threatResolved',
  avoided: 'threatResolved',
  'false-positive': 'threatResolvedNotUseful',
};

const MEANINGS: Readonly<Record<string, Status>> = {
  '': 'identified',
  threatIdentified: 'identified',
  threatResolved: 'mitigated',
  threatResolvedNotUseful: 'false-positive',
};

const MITIGATIONS: Readonly<Record<string, MitigationStatus>> = {
  '': 'proposed',
  mitigationIdentified: 'proposed',
  mitigationInProgress: 'in-progress',
  mitigationResolved: 'done',
  mitigationResolvedWillNotAction: 'rejected',
};

/** Metadata in which we keep the exact status, and the issue's address. */
export const STATUS_KEY = 'custom:tmi-status';
export const ISSUE_KEY = 'custom:tmi-issue';

/** The tool's word for our status. */
export function wordFor(status: Status): string {
  return WORDS[status];
}

/** True for a status that the tool's words alone cannot express. */
export function needsNote(status: Status): boolean {
  return MEANINGS[WORDS[status]] !== status;
}

/** The status of the tool's word and our note beside it; the note counts only where the word agrees with it. */
export function meaningOf(word: string, note: string): Status | undefined {
  const noted = STATUSES.find((each) => each === note);
  const agrees = noted !== undefined && WORDS[noted] === (word || WORDS.identified);
  return agrees ? noted : MEANINGS[word];
}

/** The status of a mitigation's word; what was verified is noted beside it. */
export function mitigationStatusOf(word: string, note: string): MitigationStatus | undefined {
  const said = MITIGATIONS[word];
  return said === 'done' && note === 'verified' ? note : said;
}

/** The tool's word for the status of a mitigation; undefined = there is nothing to say. */
export function mitigationWordFor(status: MitigationStatus): string | undefined {
  const like = status === 'verified' ? 'done' : status;
  return Object.entries(MITIGATIONS).find(([word, means]) => word !== '' && means === like)?.[0];
}
