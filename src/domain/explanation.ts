import { fieldFacts } from './explain-fields.ts';
import { importFacts } from './explain-import.ts';
import { integrationFacts, ruleFacts } from './explain-integration.ts';
import { stateFacts } from './explain-link.ts';
import { nextFacts } from './explain-next.ts';
import { pastFacts } from './explain-past.ts';
import { type Fact, type Situation, type Verdict, VERDICTS } from './situation.ts';

/** Why a threat and its issue are, or are not, in sync. */
export interface Explanation {
  verdict: Verdict;
  /** The fact that decides the verdict. */
  summary: string;
  /** What to do about that; absent = nothing. */
  todo?: string;
  facts: readonly Omit<Fact, 'means'>[];
}

/** Tells a situation: one fact a sentence, the whole first. */
export function explain(situation: Situation): Explanation {
  const known = [
    ...stateFacts(situation),
    ...integrationFacts(situation),
    ...importFacts(situation),
    ...outOfFilter(situation),
    ...fieldFacts(situation),
    ...ruleFacts(situation),
    ...pastFacts(situation),
  ];
  const all = [...known, ...nextFacts(situation, isStopped(known))];
  const deciding = VERDICTS.flatMap((verdict) => all.find(({ means }) => means === verdict) ?? [])[0];
  return {
    verdict: deciding?.means ?? 'in-sync',
    summary: deciding?.sentence ?? 'Both sides agree; nothing waits.',
    ...(deciding?.todo === undefined ? {} : { todo: deciding.todo }),
    facts: all.map(({ about, sentence, todo }) => ({
      about,
      sentence,
      ...(todo === undefined ? {} : { todo }),
    })),
  };
}

/** A linked issue goes on being synchronised when its threat leaves the filter. */
function outOfFilter({ link, refusal }: Situation): Fact[] {
  if (link?.state !== 'linked' || refusal?.code !== 'filtered') return [];
  const sentence = `The filter would take no new issue for it now, but goes on with this one: ${refusal.message}`;
  return [{ about: 'filter', sentence }];
}

function isStopped(facts: readonly Fact[]): boolean {
  return facts.some(({ means }) => means === 'stopped' || means === 'left-out');
}
