import type { Issue, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import { findBlock } from '../shared/managed-block.ts';
import { BODY_LIMIT, TITLE_LIMIT } from './limits.ts';

/** A line of people's that GitLab would carry out for us when it is sent back: it strips those that it has carried out. */
const COMMAND = /^[^\S\n]*(\/[a-z][a-z_]{1,40})(?![\w/.-])/m;

/** The refusal for a text that GitLab would not take; undefined = it is short enough. */
export function longerThanAllowed(
  title: string | undefined,
  description: string | undefined,
): WriteOutcome | undefined {
  if (title !== undefined && title.length > TITLE_LIMIT)
    return tooLong(`The title has ${String(title.length)} characters; GitLab allows ${String(TITLE_LIMIT)}.`);
  const bytes = description === undefined ? 0 : Buffer.byteLength(description);
  if (bytes > BODY_LIMIT)
    return tooLong(
      `The text would have ${String(bytes)} bytes with what people wrote; GitLab allows ${String(BODY_LIMIT)}. Shorten the text outside our block.`,
    );
  return undefined;
}

function tooLong(reason: string): WriteOutcome {
  return { kind: 'refused', code: 'too-long', reason };
}

/**
 * The refusal for a description with a quick action outside our block: sent back, it would run with our account's
 * rights, whoever wrote it. https://docs.gitlab.com/user/project/quick_actions/
 */
export function wouldAct(description: string | undefined): WriteOutcome | undefined {
  if (description === undefined) return undefined;
  const found = findBlock(description);
  const [from, to] = found.kind === 'present' ? found.outer : [0, 0];
  const command = COMMAND.exec(`${description.slice(0, from)}\n${description.slice(to)}`)?.[1];
  if (command === undefined) return undefined;
  return {
    kind: 'refused',
    code: 'quick-action',
    reason: `A line outside our block begins with "${command}", which GitLab would carry out in our name. Put a backslash before it or move it into the line.`,
  };
}

/** Is the text another one than was sent? Then GitLab took a part of it for a command, or cannot keep it. */
export function changedText(issue: Issue, sent: string): readonly string[] {
  if (canon(issue.body) === canon(sent)) return [];
  return ['GitLab changed the text that was sent: a line of it may have been taken for a quick action.'];
}

function canon(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

/** Labels that were asked for and are not there: where the account's role is too low GitLab drops them without a word. */
export function missingLabels(issue: Issue, wanted: readonly string[]): readonly Unwritten[] {
  const has = new Set(issue.labels.map((label) => label.toLowerCase()));
  const dropped = wanted.filter((label) => !has.has(label.toLowerCase()));
  if (dropped.length === 0) return [];
  const reason = `GitLab set no such label: ${dropped.join(', ')}. The account needs the role Planner, Reporter or higher; a label must not contain a comma.`;
  return [{ field: 'labels', code: 'label-dropped', reason }];
}
