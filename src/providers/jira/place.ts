import { TrackerError } from '../../domain/errors.ts';
import type { IssueRef, IssueWrite, Placed, WriteOutcome } from '../../domain/issue.ts';
import type { ParentPlacing } from '../../domain/parent.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { hierarchyOf, levelOf, parentFields } from './hierarchy.ts';
import { ensureSignedIn, fetchData } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath } from './read.ts';
import { JiraLinkTypes, JiraPlaceOf, JiraTyped } from './wire.ts';

type Place = Extract<IssueWrite, { kind: 'place' }>;

const RELATES = 'Relates';

/**
 * A child, where the parent is of the type one level above our issues, and the field for it is on their screen; else a link
 * between issues, unless linking is switched off.
 */
export async function placingUnder(
  project: JiraProject,
  parent: IssueRef,
  signal: AbortSignal,
): Promise<ParentPlacing> {
  const query = { fields: 'issuetype' };
  const answer = await project.send({ method: 'GET', path: issuePath(project, parent.id), query }, signal);
  if (answer.status === 404) await ensureSignedIn(project, signal);
  const { issuetype } = dataOf(answer, JiraTyped, 'read the parent issue').fields;
  const { own, field } = await hierarchyOf(project, signal);
  const fits = own !== undefined && levelOf(issuetype) === levelOf(own) + 1;
  if (fits && field !== undefined)
    return { kind: 'child', detail: `Threats stand under their ${issuetype.name}.` };
  const why = fits
    ? 'the field for it is not on their screen'
    : `nothing of type ${own?.name ?? project.issueTypeId} stands under a ${issuetype.name}`;
  return (await linkType(project, signal)) === undefined
    ? { kind: 'mention', detail: `Threats only name their parent: ${why}, and issue links are switched off.` }
    : { kind: 'link', detail: `Threats are linked to their parent: ${why}.` };
}

/** Put an issue under a parent, or link it: two requests, one where it stands somewhere already. */
export async function placeIssue(
  project: JiraProject,
  write: Place,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { ref, parent } = write;
  const field = write.as === 'child' ? (await hierarchyOf(project, signal)).field : undefined;
  const { stands, links } = await placeOf(project, ref, field, signal);
  if (stands === parent.key) return { kind: 'written', placed: { kind: 'child' } };
  if (stands !== undefined && write.as === 'child')
    return { kind: 'written', placed: { kind: 'left', reason: `It stands under ${stands} already.` } };
  if (links.includes(parent.id)) return { kind: 'written', placed: { kind: 'link' } };
  if (write.as === 'link') return link(project, write, undefined, attempt, signal);
  if (field === undefined)
    return link(project, write, 'the field for a parent is not on the screen', attempt, signal);
  attempt.sent = true;
  const json = { fields: parentFields(field, parent.key) };
  const answer = await project.send({ method: 'PUT', path: issuePath(project, ref.id), json }, signal);
  if (answer.status === 204 || answer.status === 200) return { kind: 'written', placed: { kind: 'child' } };
  if (answer.status !== 400) throw refusal(answer, 'put an issue under its parent');
  return link(project, write, refusalWords(answer), attempt, signal);
}

/** What the issue stands under, by key, and the ids of what it is linked to. */
async function placeOf(
  project: JiraProject,
  ref: IssueRef,
  field: string | undefined,
  signal: AbortSignal,
): Promise<{ stands: string | undefined; links: readonly string[] }> {
  const fields = ['parent', 'issuelinks', ...(field === undefined || field === 'parent' ? [] : [field])];
  const request = { path: issuePath(project, ref.id), query: { fields: fields.join(',') } };
  const wire = await fetchData(project, request, JiraPlaceOf, 'read where the issue stands', signal);
  const { parent, issuelinks = [], ...rest } = wire.fields;
  const epic = field === undefined ? undefined : rest[field];
  const stands = parent?.key ?? (typeof epic === 'string' ? epic : undefined);
  const links = (issuelinks ?? []).flatMap(({ inwardIssue, outwardIssue }) => [
    ...(inwardIssue === undefined ? [] : [inwardIssue.id]),
    ...(outwardIssue === undefined ? [] : [outwardIssue.id]),
  ]);
  return { stands, links };
}

async function link(
  project: JiraProject,
  { ref, parent }: Place,
  why: string | undefined,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  attempt.sent = false;
  const type = await linkType(project, signal);
  if (type === undefined) return written('mention', `${why ?? ''}; issue links are switched off`);
  attempt.sent = true;
  const json = { type: { name: type }, inwardIssue: { key: ref.key }, outwardIssue: { key: parent.key } };
  const answer = await project.send({ method: 'POST', path: `${project.api}/issueLink`, json }, signal);
  if (answer.status === 201) return written('link', why);
  if (answer.status >= 500 || answer.status === 401 || answer.status === 429)
    throw refusal(answer, 'link an issue to its parent');
  if (await isGone(project, parent, signal))
    return { kind: 'refused', code: 'parent-gone', reason: `Jira does not show ${parent.key}.` };
  return written('mention', [why, refusalWords(answer)].filter((each) => each !== undefined).join('; '));
}

function written(kind: Placed['kind'], why: string | undefined): WriteOutcome {
  if (why === undefined) return { kind: 'written', placed: { kind } };
  const done = kind === 'link' ? 'it is linked instead' : 'its text names the parent instead';
  return {
    kind: 'written',
    placed: { kind, reason: `It could not stand under its parent (${why}); ${done}.` },
  };
}

async function isGone(project: JiraProject, parent: IssueRef, signal: AbortSignal): Promise<boolean> {
  const request = { path: issuePath(project, parent.id), query: { fields: 'issuetype' } };
  try {
    await fetchData(project, request, JiraTyped, 'read the parent issue', signal);
    return false;
  } catch (error) {
    if (!(error instanceof TrackerError) || error.status !== 404) throw error;
    await ensureSignedIn(project, signal);
    return true;
  }
}

/** The name of the link type to use: `Relates`, or the first there is; undefined = linking is switched off. */
async function linkType(project: JiraProject, signal: AbortSignal): Promise<string | undefined> {
  if (project.linkType === undefined) {
    const path = `${project.api}/issueLinkType`;
    const answer: TrackerResponse = await project.send({ method: 'GET', path }, signal);
    const types =
      answer.status === 404 ? [] : dataOf(answer, JiraLinkTypes, 'read the link types').issueLinkTypes;
    const found = types.find(({ name }) => name === RELATES) ?? types[0];
    project.linkType = { name: found?.name };
  }
  return project.linkType.name;
}
