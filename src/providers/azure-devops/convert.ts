import type { Issue, IssueComment, IssueRef, TrackerStatus } from '../../domain/issue.ts';
import { cleanText } from '../shared/hostile-text.ts';
import { blockOf, commentMarkOf } from './html-section.ts';
import { ratingOf } from './rating.ts';
import { typeNamed } from './work-item-type.ts';
import { DESCRIPTION, REPRO_STEPS, statusOf } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';
import { webUrl } from './project.ts';
import type { AzurePlace } from './project.ts';
import type { AzureComment, AzureWorkItem } from './wire.ts';

/** By this tag people find a link's work item; it is no label. */
const OWN_TAG = /^tm-[0-9a-f]{10}$/i;

/** The tag for a mark: the first ten hex digits of the link's id. */
export function ownTag(mark: string): string | undefined {
  const link = /link=([0-9a-f-]+)/.exec(mark)?.[1]?.replaceAll('-', '') ?? '';
  return link.length < 10 ? undefined : `tm-${link.slice(0, 10)}`;
}

function tagsOf(text: string | null | undefined): string[] {
  return (text ?? '')
    .split(';')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** A work item's number is unique in the organization and never changes; people use it, too. */
export function refOf(id: number): IssueRef {
  return { id: String(id), key: String(id) };
}

/** Our section decides: after a change of type it may lie where the new type does not show it. */
function textFieldOf(
  fields: AzureWorkItem['fields'],
  type: WorkItemType,
): typeof DESCRIPTION | typeof REPRO_STEPS {
  const isShown = type.textField === REPRO_STEPS ? REPRO_STEPS : DESCRIPTION;
  const other = isShown === DESCRIPTION ? REPRO_STEPS : DESCRIPTION;
  const isThere = (name: typeof isShown): boolean => blockOf(fields[name] ?? '').kind !== 'absent';
  return !isThere(isShown) && isThere(other) ? other : isShown;
}

function reasonOf({ 'System.Reason': reason }: AzureWorkItem['fields']): Pick<TrackerStatus, 'resolution'> {
  return reason == null || reason === '' ? {} : { resolution: reason };
}

/** A work item in our words. */
export async function issueOf(
  place: AzurePlace,
  { id, rev, fields }: AzureWorkItem,
  signal: AbortSignal,
  comments?: readonly IssueComment[],
): Promise<Issue> {
  const type = await typeNamed(place, fields['System.WorkItemType'], signal);
  const textField = textFieldOf(fields, type);
  const tags = tagsOf(fields['System.Tags']);
  const body = fields[textField] ?? '';
  const dueDate = fields['Microsoft.VSTS.Scheduling.DueDate'];
  const priority = ratingOf(fields, place.severityField);
  const assignee = fields['System.AssignedTo']?.displayName;
  place.held.set(String(id), {
    type: type.name,
    textField,
    ownTags: tags.filter((tag) => OWN_TAG.test(tag)),
  });
  return {
    ref: refOf(id),
    url: `${webUrl(place, fields['System.TeamProject'])}/_workitems/edit/${String(id)}`,
    // Every save counts it up, one of a comment, too.
    version: String(rev),
    title: fields['System.Title'],
    body,
    block: blockOf(body),
    status: { ...statusOf(type, fields['System.State']), ...reasonOf(fields) },
    labels: tags.filter((tag) => !OWN_TAG.test(tag)),
    ...(priority === undefined ? {} : { priority }),
    assignees: assignee == null ? [] : [assignee],
    ...(dueDate == null ? {} : { dueDate: dueDate.slice(0, 10) }),
    authorId: fields['System.CreatedBy']?.id ?? '',
    createdAt: fields['System.CreatedDate'],
    updatedAt: fields['System.ChangedDate'],
    ...(comments === undefined ? {} : { comments }),
  };
}

/** Words without markup; a mark of ours stays readable as such. */
export function commentOf(wire: AzureComment): IssueComment {
  const { text, format, createdBy, createdDate, modifiedDate } = wire;
  const words = format?.toLowerCase() === 'markdown' ? (text ?? '') : cleanText(text ?? '').trim();
  const mark = commentMarkOf(text ?? '');
  return {
    id: String(wire.id),
    author: createdBy?.displayName ?? 'unknown',
    text: mark === undefined ? words : `${words.replace(mark, '').trim()}\n\n<!-- ${mark} -->`,
    createdAt: createdDate,
    updatedAt: modifiedDate ?? createdDate,
  };
}
