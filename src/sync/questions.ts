import { questionComment } from '../domain/issue-text.ts';
import { openWorkComment } from '../domain/mitigation-text.ts';
import { commentOp, sendComments } from './comments.ts';
import type { Decided } from './gather.ts';
import { nowOf, recording, type Work } from './work.ts';

/** Ask once, after the quiet time, what a close without a reason, or over work that is left, means. */
export async function askQuestions(work: Work, decided: readonly Decided[]): Promise<void> {
  for (const { pair, issue } of decided) {
    const state = pair.link.fields.status;
    if (state?.kind !== 'needs-answer' || state.askedAt !== undefined) continue;
    const quietUntil = Date.parse(state.since) + work.parts.timings.quietMs;
    if (work.parts.clock.now().getTime() < quietUntil) continue;
    const question = state.value === 'dropped' ? questionComment() : openWorkComment(pair.threat);
    const comment = commentOp(work, pair.link, 'status-question', question);
    const told = await recording(work, async (tx) => {
      const link = await tx.links.get(pair.link.id);
      const now = link?.fields.status;
      // Answered, or asked by another run, since it was read.
      if (link === undefined || now?.kind !== 'needs-answer' || now.askedAt !== undefined) return false;
      await tx.links.update({
        ...link,
        fields: { ...link.fields, status: { ...now, askedAt: nowOf(work) } },
      });
      await tx.ops.insert(comment);
      return true;
    });
    if (told) await sendComments(work, issue, [comment], false);
  }
}
