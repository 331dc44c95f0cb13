import { violated } from './stage.ts';
import type { End, Stage } from './stage.ts';

/** From one of these to the other an issue goes without a trace in the play's history: it knows open and closed. */
const OPEN_WORDS = ['open', 'mitigating', 'analyzing', 'identified'];

/** Nobody is overruled as the older one who was the newer one by every clock. */
export function judgeNewest(stage: Stage, { team, conflicts }: End['teams'][number]): void {
  for (const { linkId, threatId, field, resolution, base, issue } of conflicts) {
    if (resolution?.by !== 'policy newest' || (field !== 'status' && field !== 'title')) continue;
    if (field === 'status' && [base.issue, issue].every((word) => OPEN_WORDS.includes(word ?? ''))) continue;
    const key = team.project.issues().find(({ text }) => text.includes(`link=${linkId} `))?.key ?? '';
    const decidedAt = Date.parse(resolution.at);
    const last = (side: 'threat' | 'issue', of: string): number =>
      stage.history
        .of(team.index, side, of, field)
        .findLast(({ by, at }) => by === 'person' && at <= decidedAt)?.at ?? 0;
    const [threatAt, issueAt] = [last('threat', threatId), last('issue', key)];
    const isNewer = resolution.keep === 'issue' ? issueAt >= threatAt : threatAt >= issueAt;
    if (!isNewer)
      violated(stage, 'I2', `${field} of ${key}: the ${resolution.keep} was kept, and was the older one`);
  }
}
