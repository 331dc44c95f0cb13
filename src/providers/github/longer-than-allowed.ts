import type { WriteOutcome } from '../../domain/issue.ts';
import { BODY_LIMIT, TITLE_LIMIT } from './limits.ts';

/** The refusal for a text that GitHub would not take; undefined = it is short enough. */
export function longerThanAllowed(
  title: string | undefined,
  body: string | undefined,
): WriteOutcome | undefined {
  if (title !== undefined && title.length > TITLE_LIMIT)
    return tooLongOutcome(
      `The title has ${String(title.length)} characters; GitHub allows ${String(TITLE_LIMIT)}.`,
    );
  if (body !== undefined && body.length > BODY_LIMIT)
    return tooLongOutcome(
      `The text would have ${String(body.length)} characters with what people wrote; GitHub allows ${String(BODY_LIMIT)}. Shorten the text outside our block.`,
    );
  return undefined;
}

function tooLongOutcome(reason: string): WriteOutcome {
  return { kind: 'refused', code: 'too-long', reason };
}
