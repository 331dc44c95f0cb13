import type { LookBack, PastChange, TrackerStatus } from '../../domain/issue.ts';
import { dataOf } from './answers.ts';
import { categoryOf } from './convert.ts';
import { fetchData, statusesOf, userId, userName } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath } from './read.ts';
import { JiraChangelogs, JiraWithChangelog } from './wire.ts';
import type { JiraChange } from './wire.ts';

const TOGETHER = 100;

/** What Jira calls the fields. */
const NAMES: Readonly<Record<PastChange['field'], string>> = {
  status: 'status',
  title: 'summary',
  text: 'description',
  priority: 'priority',
};

/**
 * Changes since issues were seen so, by issue, oldest first; of statuses, those to ones that issues of our type can have. A
 * document of Cloud is told as text for people.
 */
export async function historyOf(
  project: JiraProject,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const told = new Map<string, readonly PastChange[]>();
  for (let start = 0; start < looks.length; start += TOGETHER) {
    const chunk = looks.slice(start, start + TOGETHER);
    const logs = await (project.cloud
      ? changelogsOf(project, chunk, signal)
      : eachOf(project, chunk, signal));
    for (const look of chunk) {
      const since = (logs.get(look.ref.id) ?? [])
        .filter(({ created }) => Date.parse(created) >= Date.parse(look.seen.updatedAt))
        .toSorted((one, other) => Date.parse(one.created) - Date.parse(other.created));
      told.set(look.ref.id, await changesOf(project, since, signal));
    }
  }
  return told;
}

async function changesOf(
  project: JiraProject,
  changes: readonly JiraChange[],
  signal: AbortSignal,
): Promise<readonly PastChange[]> {
  const moves = changes.some(({ items }) => items.some(({ field }) => field === NAMES.status));
  const statuses = moves ? await statusesOf(project, signal) : [];
  const categories = new Map(statuses.map((each) => [each.id, categoryOf(each)]));
  return changes.flatMap(({ author, created, items }) => {
    const who = author == null ? { by: '' } : { by: userId(author), name: userName(author) };
    const head = { at: created, ...who };
    return items.flatMap((item) => changeOf(head, item, categories, project.cloud) ?? []);
  });
}

function changeOf(
  head: Pick<PastChange, 'at' | 'by' | 'name'>,
  { field, to, toText }: JiraChange['items'][number],
  categories: ReadonlyMap<string, TrackerStatus['category']>,
  isCloud: boolean,
): PastChange | undefined {
  switch (field) {
    case NAMES.status: {
      const category = categories.get(to ?? '');
      return category === undefined
        ? undefined
        : { ...head, field: 'status', to: { id: to ?? '', category } };
    }
    case NAMES.title:
      return { ...head, field: 'title', to: toText ?? '' };
    case NAMES.text:
      return { ...head, field: 'text', ...(isCloud ? { words: toText ?? '' } : { to: toText ?? '' }) };
    case NAMES.priority:
      return { ...head, field: 'priority', ...(toText == null ? {} : { to: toText }) };
    default:
      return undefined;
  }
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-changelog-bulkfetch-post */
async function changelogsOf(
  project: JiraProject,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly JiraChange[]>> {
  const fields = new Set(looks.flatMap((look) => [...look.fields]));
  const json = {
    issueIdsOrKeys: looks.map(({ ref }) => ref.id),
    fieldIds: [...fields].map((field) => NAMES[field]),
  };
  const found = new Map<string, JiraChange[]>();
  for (let nextPageToken: string | undefined; ;) {
    const path = `${project.api}/changelog/bulkfetch`;
    const wanted = nextPageToken === undefined ? json : { ...json, nextPageToken };
    const answer = await project.send({ method: 'POST', path, json: wanted, reads: true }, signal);
    const page = dataOf(answer, JiraChangelogs, 'read the history');
    for (const { issueId, changeHistories } of page.issueChangeLogs)
      found.set(issueId, [...(found.get(issueId) ?? []), ...changeHistories]);
    if (page.nextPageToken == null) return found;
    nextPageToken = page.nextPageToken;
  }
}

/** A Data Center tells the whole history together with the issue. */
async function eachOf(
  project: JiraProject,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly JiraChange[]>> {
  const found = new Map<string, readonly JiraChange[]>();
  for (const { ref } of looks) {
    const query = { fields: 'status', expand: 'changelog' };
    const request = { path: issuePath(project, ref.id), query };
    const wire = await fetchData(project, request, JiraWithChangelog, 'read the history', signal);
    found.set(ref.id, wire.changelog.histories);
  }
  return found;
}
