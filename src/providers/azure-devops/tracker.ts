import type { Clock } from '../../ports/clock.ts';
import type { Send, Tracker } from '../../ports/tracker.ts';
import { changesSince } from './changes.ts';
import { checkupOf } from './checkup.ts';
import { findComments, findMarked } from './find.ts';
import { hooksOf } from './hooks.ts';
import { placingUnder } from './place.ts';
import { newPlace, readProject } from './project.ts';
import type { Where } from './project.ts';
import { findIssue, readIssues } from './read.ts';
import { historyOf } from './history.ts';
import type { AzureDevopsCredentials } from './settings.ts';
import { writeAll } from './write.ts';

/** One project on Azure DevOps, speaking our words. */
export function azureDevopsTracker(
  where: Where & { access: AzureDevopsCredentials['type'] },
  send: Send,
  clock: Clock,
): Tracker {
  const { access, ...rest } = where;
  const place = newPlace(rest, send, clock);
  return {
    checkup: (signal) => checkupOf(place, access, signal),
    project: (signal) => readProject(place, signal),
    read: (refs, signal) => readIssues(place, refs, signal),
    find: (key, signal) => findIssue(place, key, signal),
    findMarked: (since, signal) => findMarked(place, since, signal),
    findComments: (ref, since, signal) => findComments(place, ref, since, signal),
    history: (looks, signal) => historyOf(place, looks, signal),
    write: (writes, signal) => writeAll(place, writes, signal),
    placing: (parent, signal) => placingUnder(place, parent, signal),
    changes: (since, signal) => changesSince(place, since, signal),
    hooks: hooksOf(place),
  };
}
