import type { ReadOutcome } from '../../domain/issue.ts';
import { fetchData } from './project.ts';
import type { GitlabPlace } from './project.ts';
import type { GitlabIssue } from './wire.ts';
import { GitlabNotes } from './wire.ts';

const MOVED = /^moved to (\S*)#(\d{1,10})$/;
const LOOK = 20;

/**
 * Where a moved issue went, always another project. GitLab leaves the original closed and names only the new number
 * within the whole instance, under which administrators alone may read; its own note on the original says the rest.
 * https://docs.gitlab.com/api/issues/#move-an-issue
 */
export async function movedTo(
  place: GitlabPlace,
  wire: GitlabIssue,
  id: number,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const path = `${place.path}/issues/${String(wire.iid)}/notes`;
  const query = { activity_filter: 'only_activity', order_by: 'created_at', sort: 'desc', per_page: LOOK };
  const notes = await fetchData(place, { path, query }, GitlabNotes, 'read where an issue went', signal);
  const said = notes.map((note) => MOVED.exec(note.body ?? '')).find((match) => match !== null);
  const [, project = '', key = String(wire.iid)] = said ?? [];
  const url = said === undefined ? wire.web_url : addressOf(place, wire, project, key);
  return { kind: 'moved', to: { id: String(id), key }, url, sameProject: false };
}

/** A project in the same group is named without the group. */
function addressOf(place: GitlabPlace, wire: GitlabIssue, project: string, key: string): string {
  const [, home = '', rest = ''] = /^(.+?)((?:\/-)?\/(?:issues|work_items)\/)\d+$/.exec(wire.web_url) ?? [];
  const root = place.apiRoot.href.replace(/\/api\/v4\/?$/, '');
  const base = project.includes('/') ? `${root}/${project}` : home.replace(/[^/]*$/, project);
  return `${base}${rest}${key}`;
}
