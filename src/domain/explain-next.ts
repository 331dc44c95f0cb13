import { moment } from './moment.ts';
import type { Fact, Situation } from './situation.ts';

const WHY: Readonly<Record<string, string>> = {
  issue: 'the tracker said that the issue has changed',
  threat: 'the threat has changed',
  sweep: 'every pair is read once a day',
  retry: 'an earlier try did not go through',
  question: 'people get a while to say why they closed it',
  settle: 'a write has to show whether it arrived',
  resolution: 'a person has chosen a side',
};

/** When the pair is looked at next. `isStopped`: nothing is looked at until a person has done something. */
export function nextFacts(situation: Situation, isStopped: boolean): Fact[] {
  const { active, due, integration, link, now } = situation;
  if (integration === undefined || link?.state === 'detached') return [];
  if (isStopped) return [next('It is not looked at again until that has changed.')];
  if (active !== undefined) {
    const waiting = active.waiting === undefined ? '' : ` It waits: ${active.waiting}`;
    return [next(`Run ${active.id} is going on.${waiting}`)];
  }
  if (due !== undefined) {
    const when = due.at <= now ? 'now' : `on ${moment(due.at)}`;
    const why = WHY[due.reason];
    return [
      {
        ...next(`It is due ${when}${why === undefined ? '' : `, because ${why}`}.`),
        means: 'on-its-way',
      },
    ];
  }
  const slot = integration.syncIntervalMinutes === null ? undefined : integration.nextPollAt;
  if (slot !== undefined) return [next(`The tracker is asked for changes on ${moment(slot)}.`)];
  return [next('No time is set: it is looked at when the threat changes, by webhook, or by hand.')];
}

function next(sentence: string): Fact {
  return { about: 'next', sentence };
}
