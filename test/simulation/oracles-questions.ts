import { violated } from './stage.ts';
import type { End, Stage } from './stage.ts';

/** Of an issue that we made, however we came to know of it, the past is what we wrote: nobody is asked as if it were somebody's. */
export function judgeQuestions(stage: Stage, { conflicts }: End['teams'][number]): void {
  for (const { linkId, field, base } of conflicts)
    if ((field === 'status' || field === 'title') && base.threat === null && base.issue === null)
      violated(stage, 'I2', `the ${field} of link ${linkId} is asked about as if it had no past`);
}
