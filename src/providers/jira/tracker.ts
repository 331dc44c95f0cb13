import type { Clock } from '../../ports/clock.ts';
import type { Send, Tracker } from '../../ports/tracker.ts';
import { adfMarkup } from './adf-markup.ts';
import { changesSince } from './changes.ts';
import { checkupOf } from './checkup.ts';
import { findComments, findMarked } from './find.ts';
import { appHooks, serverHooks } from './hooks.ts';
import { placingUnder } from './place.ts';
import { readProject } from './project.ts';
import type { JiraProject } from './project.ts';
import { findIssue, readIssues } from './read.ts';
import { historyOf } from './history.ts';
import { plainDocument } from './adf.ts';
import type { Filler } from './transition-fields.ts';
import { wikiMarkup } from './wiki-markup.ts';
import { writeAll } from './write.ts';

/** Where a project is, and how we come in. */
export interface JiraPlace {
  base: URL;
  site?: string;
  key: string;
  issueTypeId: string;
  cloud: boolean;
  transitionFields?: Filler['rules'];
  /** An OAuth app may manage webhooks of its own; an API token of Jira Cloud may not. */
  access: 'basic' | 'token' | 'oauth2';
}

/** One project on Jira, speaking our words. */
export function jiraTracker(place: JiraPlace, send: Send, clock: Clock): Tracker {
  const { cloud, base, key, issueTypeId, site } = place;
  const project: JiraProject = {
    send,
    clock,
    cloud,
    base,
    key,
    issueTypeId,
    markup: cloud ? adfMarkup : wikiMarkup,
    api: cloud ? '/rest/api/3' : '/rest/api/2',
    ...(site === undefined ? {} : { site }),
    filler: {
      rules: place.transitionFields ?? [],
      longText: (text) => (cloud ? plainDocument(text) : text),
    },
    written: new Set(),
    transitions: new Map(),
  };
  const hooks = hooksOf(project, place);
  return {
    checkup: (signal) => checkupOf(project, place, signal),
    project: (signal) => readProject(project, signal),
    read: (refs, signal) => readIssues(project, refs, signal),
    find: (issueKey, signal) => findIssue(project, issueKey, signal),
    findMarked: (since, signal) => findMarked(project, since, signal),
    findComments: (ref, since, signal) => findComments(project, ref, since, signal),
    history: (looks, signal) => historyOf(project, looks, signal),
    write: (writes, signal) => writeAll(project, writes, signal),
    placing: (parent, signal) => placingUnder(project, parent, signal),
    changes: (since, signal) => changesSince(project, since, signal),
    ...(hooks === undefined ? {} : { hooks }),
  };
}

function hooksOf(project: JiraProject, { cloud, access }: JiraPlace): Tracker['hooks'] {
  if (!cloud) return serverHooks(project);
  return access === 'oauth2' ? appHooks(project) : undefined;
}
