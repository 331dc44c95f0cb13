import type { Clock } from '../../ports/clock.ts';
import type { Send, TextFormat, Tracker } from '../../ports/tracker.ts';
import type { GithubApp } from './app.ts';
import { changesSince } from './changes.ts';
import { checkupOf } from './checkup.ts';
import { findComments, findMarked } from './find.ts';
import { placingUnder } from './place.ts';
import { hooksOf } from './hooks.ts';
import { readProject } from './project.ts';
import type { GithubProject } from './project.ts';
import { findIssue, readIssues } from './read.ts';
import { historyOf } from './history.ts';
import { writeAll } from './write.ts';

/** One repository on GitHub, speaking our words. */
export function githubTracker(
  where: { apiRoot: URL; owner: string; repo: string; format: TextFormat; app: GithubApp | undefined },
  send: Send,
  clock: Clock,
): Tracker {
  const project: GithubProject = {
    send,
    clock,
    format: where.format,
    apiRoot: where.apiRoot,
    app: where.app,
    path: `/repos/${encodeURIComponent(where.owner)}/${encodeURIComponent(where.repo)}`,
    graphqlAbsent: false,
    historiesAbsent: false,
    madeIds: new Map(),
  };
  return {
    checkup: (signal) => checkupOf(project, signal),
    project: (signal) => readProject(project, signal),
    read: (refs, signal) => readIssues(project, refs, signal),
    find: (key, signal) => findIssue(project, key, signal),
    findMarked: (since, signal) => findMarked(project, since, signal),
    findComments: (ref, since, signal) => findComments(project, ref, since, signal),
    history: (looks, signal) => historyOf(project, looks, signal),
    write: (writes, signal) => writeAll(project, writes, signal),
    placing: (parent, signal) => placingUnder(project, parent, signal),
    changes: (since, signal) => changesSince(project, since, signal),
    hooks: hooksOf(project),
  };
}
