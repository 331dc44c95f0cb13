import { endedComment } from '../domain/issue-text.ts';
import { isOpen } from '../domain/threat.ts';
import { commentOp, sendComments } from './comments.ts';
import type { Decided } from './gather.ts';
import { recording, type Work } from './work.ts';

/** Say once in the issue why it is open again. Where people have decided anew by then, there is nothing to say. */
export async function tellEnded(work: Work, decided: readonly Decided[]): Promise<void> {
  for (const { pair, issue } of decided) {
    if (pair.link.acceptanceEnded === undefined) continue;
    const told = await recording(work, async (tx) => {
      const link = await tx.links.get(pair.link.id);
      const threat = await tx.threats.get(pair.threat.id);
      // Told by another run since it was read.
      if (link?.acceptanceEnded === undefined) return undefined;
      const { acceptanceEnded, ...rest } = link;
      if (!(await tx.links.update(rest))) return undefined;
      if (threat === undefined || !isOpen(threat.status)) return undefined;
      const comment = commentOp(work, link, 'acceptance-ended', endedComment(acceptanceEnded));
      await tx.ops.insert(comment);
      return comment;
    });
    if (told !== undefined) await sendComments(work, issue, [told], false);
  }
}
