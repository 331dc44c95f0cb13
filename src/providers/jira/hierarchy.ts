import { fetchData } from './project.ts';
import type { JiraProject } from './project.ts';
import { JiraCreateMeta, JiraTypes } from './wire.ts';
import type { JiraType } from './wire.ts';

/** Data Center's epics: https://confluence.atlassian.com/jirakb/how-to-get-epic-link-and-epic-name-field-ids */
const EPIC_LINK = 'com.pyxis.greenhopper.jira:gh-epic-link';
const EPIC_NAME = 'com.pyxis.greenhopper.jira:gh-epic-label';

/** What Jira knows about what may stand under what, found out once. */
export interface Hierarchy {
  /** The type of our issues. */
  own: JiraType | undefined;
  /** The type of what our issues can stand under; undefined = there is none. */
  above: JiraType | undefined;
  /** The field by which an issue of ours names what it stands under; undefined = it is not on the screen. */
  field: string | undefined;
}

/** Types and screen of the project: two requests, remembered. */
export async function hierarchyOf(project: JiraProject, signal: AbortSignal): Promise<Hierarchy> {
  if (project.hierarchy === undefined) {
    const types = await typesOf(project, signal);
    const own = types.find(({ id }) => id === project.issueTypeId);
    const above = types.find((type) => own !== undefined && levelOf(type) === levelOf(own) + 1);
    const field = await parentField(project, own, signal);
    project.hierarchy = { own, above, field };
  }
  return project.hierarchy;
}

function typesOf(project: JiraProject, signal: AbortSignal): Promise<readonly JiraType[]> {
  const path = `${project.api}/issue/createmeta/${encodeURIComponent(project.key)}/issuetypes`;
  return fetchData(project, { path, query: { maxResults: 200 } }, JiraTypes, 'read the issue types', signal);
}

async function screenOf(project: JiraProject, typeId: string, signal: AbortSignal): Promise<JiraCreateMeta> {
  const types = `${project.api}/issue/createmeta/${encodeURIComponent(project.key)}/issuetypes`;
  const request = { path: `${types}/${encodeURIComponent(typeId)}`, query: { maxResults: 200 } };
  return fetchData(project, request, JiraCreateMeta, 'read the create screen', signal);
}

/** Sub-tasks, and everything on Cloud, have a parent; a Data Center links other issues to their epic by a field. */
async function parentField(
  project: JiraProject,
  own: JiraType | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const screen = await screenOf(project, project.issueTypeId, signal);
  const hasParent = project.cloud || own?.subtask === true;
  const found = screen.find((field) =>
    hasParent ? (field.fieldId ?? field.key) === 'parent' : field.schema?.custom === EPIC_LINK,
  );
  return found?.fieldId ?? found?.key;
}

/** The field of a Data Center's epic for its short name, which a new one must have; asked for once. */
export async function epicNameField(
  project: JiraProject,
  typeId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (project.cloud) return undefined;
  project.epicName ??= {
    field: (await screenOf(project, typeId, signal)).find(({ schema }) => schema?.custom === EPIC_NAME)
      ?.fieldId,
  };
  return project.epicName.field;
}

/** One level stands under the next. A Data Center tells only sub-tasks from the rest; its epics are known by their name. */
export function levelOf(type: Pick<JiraType, 'subtask' | 'hierarchyLevel' | 'name'>): number {
  if (type.hierarchyLevel !== undefined) return type.hierarchyLevel;
  if (type.subtask === true) return -1;
  return /^epic$/i.test(type.name) ? 1 : 0;
}

/** The fields that put an issue under this parent. */
export function parentFields(field: string, key: string): Record<string, unknown> {
  return { [field]: field === 'parent' ? { key } : key };
}
