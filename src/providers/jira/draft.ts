import type { IssueWrite, Placed, Unwritten } from '../../domain/issue.ts';
import { PROPERTY } from './convert.ts';
import { fieldFaults } from './answers.ts';
import { epicNameField, hierarchyOf, parentFields } from './hierarchy.ts';
import type { JiraProject } from './project.ts';

export type Create = Extract<IssueWrite, { kind: 'create' }>;

/** Fields that we can do without: Jira refuses them where they are not on the screen, or a priority has another name. */
const OPTIONAL = ['priority', 'labels'] as const;
export type OptionalField = (typeof OPTIONAL)[number];

/** An issue that is to be created, with what had to be left out of it. */
export interface Draft {
  readonly write: Create;
  readonly without: readonly Unwritten[];
  /** Jira did not take the parent: it is put there afterwards, or linked. */
  readonly withoutParent?: boolean;
}

/** A label with a space is two labels to Jira, and refused. */
export function isLabel(label: string): boolean {
  return !/\s/.test(label) && label.length <= 255;
}

/** Labels of these that Jira can never hold; undefined = none. */
export function refusedLabels(labels: readonly string[]): Unwritten | undefined {
  const refused = labels.filter((label) => !isLabel(label));
  if (refused.length === 0) return undefined;
  const names = refused.map((label) => `"${label}"`).join(', ');
  return {
    field: 'labels',
    code: 'label-refused',
    reason: `Jira takes no label with spaces or more than 255 characters: ${names}. Choose other names in the mapping.`,
  };
}

export function draftOf(write: Create): Draft {
  const refused = refusedLabels(write.labels);
  return { write, without: refused === undefined ? [] : [refused] };
}

function lacks(draft: Draft, field: OptionalField): boolean {
  return draft.without.some((each) => each.field === field && each.code !== 'label-refused');
}

/** The body of a create; the mark goes with it, in the text and in a property of the issue. */
export function createBody(project: JiraProject, draft: Draft): Record<string, unknown> {
  const { title, block, labels, priority } = draft.write;
  const fields = {
    project: { key: project.key },
    issuetype: {
      id: (draft.write.isParent === true ? project.hierarchy?.above?.id : undefined) ?? project.issueTypeId,
    },
    summary: title,
    description: project.markup.compose(block),
    ...(lacks(draft, 'labels') ? {} : { labels: labels.filter(isLabel) }),
    ...(priority === undefined || lacks(draft, 'priority') ? {} : { priority: { name: priority } }),
    ...standing(project, draft),
  };
  return { fields, properties: [{ key: PROPERTY, value: { mark: block.mark } }] };
}

/** Under what it is to stand, or what makes it one to stand under. Of the hierarchy, `prepare` has found out what is needed. */
function standing({ hierarchy, epicName }: JiraProject, draft: Draft): Record<string, unknown> {
  const { isParent, parent, title } = draft.write;
  if (isParent === true)
    return hierarchy?.above === undefined || epicName?.field === undefined ? {} : { [epicName.field]: title };
  const field = hierarchy?.field;
  return isUnder(draft) && parent !== undefined && field !== undefined ? parentFields(field, parent.key) : {};
}

/** Whether the create itself puts the issue under its parent. */
function isUnder({ write, withoutParent }: Draft): boolean {
  return write.parent !== undefined && withoutParent !== true;
}

/** The place that a create with this draft gave the issue; undefined = none yet. */
export function placedBy({ hierarchy }: JiraProject, draft: Draft): Placed | undefined {
  return isUnder(draft) && hierarchy?.field !== undefined ? { kind: 'child' } : undefined;
}

/** Finds out what creates need to know of types and screens. */
export async function prepare(
  project: JiraProject,
  writes: readonly Create[],
  signal: AbortSignal,
): Promise<void> {
  if (writes.every(({ parent, isParent }) => parent === undefined && isParent !== true)) return;
  const { above } = await hierarchyOf(project, signal);
  if (above !== undefined && writes.some(({ isParent }) => isParent === true))
    await epicNameField(project, above.id, signal);
}

/** What Jira refused of the fields we can do without; undefined = it refused something else, or nothing that it named. */
export function refusedFields(
  project: JiraProject,
  refusal: unknown,
): { fields: readonly Unwritten[]; parent: boolean } | undefined {
  const faults = Object.entries(fieldFaults(refusal));
  const isParent = (name: string): boolean => name === 'parent' || name === project.hierarchy?.field;
  const fields = faults.flatMap(([name, words]) => {
    const field = OPTIONAL.find((each) => each === name);
    return field === undefined ? [] : [unwritten(field, words)];
  });
  const parents = faults.filter(([name]) => isParent(name)).length;
  const refused = fields.length + parents;
  return refused === 0 || refused < faults.length ? undefined : { fields, parent: parents > 0 };
}

function unwritten(field: OptionalField, words: string): Unwritten {
  const remedy =
    field === 'priority'
      ? 'Use a priority of the project in the mapping, and put the field on the screen of the issue type.'
      : 'Put the field Labels on the screens of the issue type.';
  return { field, code: `${field}-refused`, reason: `${words.replace(/\s+/g, ' ').slice(0, 300)} ${remedy}` };
}

/** The draft without what was refused; undefined = it was left out already, and a repeat would not help. */
export function lighter(
  draft: Draft,
  refused: { fields: readonly Unwritten[]; parent: boolean },
): Draft | undefined {
  const known = refused.fields.some((each) => draft.without.some((other) => other.code === each.code));
  if (known || (refused.parent && !isUnder(draft))) return undefined;
  const without = [...draft.without, ...refused.fields];
  return { ...draft, without, withoutParent: refused.parent || draft.withoutParent === true };
}
