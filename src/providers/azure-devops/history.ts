import type { LookBack, PastChange } from '../../domain/issue.ts';
import { TOGETHER } from './limits.ts';
import { fetchData } from './project.ts';
import type { AzurePlace } from './project.ts';
import { readItems } from './read.ts';
import { AzureUpdates } from './wire.ts';
import type { AzureUpdate } from './wire.ts';
import { stateNamed, typeNamed } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

/** Changes of work items since the revision that was seen, by item, oldest first. One request or more for each. */
export async function historyOf(
  place: AzurePlace,
  looks: readonly LookBack[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PastChange[]>> {
  const told = new Map<string, readonly PastChange[]>();
  for (const look of looks) told.set(look.ref.id, await changesOf(place, look, signal));
  return told;
}

/**
 * There are at least as many updates as revisions: those up to the number of the revision are older than it.
 * https://learn.microsoft.com/rest/api/azure/devops/wit/updates/list
 */
async function changesOf(
  place: AzurePlace,
  { ref, seen }: LookBack,
  signal: AbortSignal,
): Promise<readonly PastChange[]> {
  const rev = Number(seen.version);
  const path = `${place.path}/_apis/wit/workItems/${encodeURIComponent(ref.id)}/updates`;
  const updates: AzureUpdate[] = [];
  for (let skip = rev; ; skip += TOGETHER) {
    const request = { path, query: { $top: TOGETHER, $skip: skip } };
    const { value } = await fetchData(place, request, AzureUpdates, 'read the history', signal);
    updates.push(...value.filter((update) => update.rev > rev));
    if (value.length < TOGETHER) break;
  }
  const moves = updates.some(({ fields }) => fields?.['System.State']?.newValue != null);
  const type = moves ? await typeOf(place, ref, signal) : undefined;
  return updates.flatMap((update) => changesIn(update, type));
}

function changesIn(
  { fields, revisedBy, revisedDate }: AzureUpdate,
  type: WorkItemType | undefined,
): readonly PastChange[] {
  const name = revisedBy?.displayName;
  // The newest update says that it holds for ever; when it was made, it says as a field.
  const at = fields?.['System.ChangedDate']?.newValue ?? revisedDate ?? '';
  const head = { at, by: revisedBy?.id ?? '', ...(name == null ? {} : { name }) };
  const state = fields?.['System.State']?.newValue;
  const title = fields?.['System.Title']?.newValue;
  const to = state == null || type === undefined ? undefined : stateNamed(type, state);
  return [
    ...(to === undefined ? [] : [{ ...head, field: 'status' as const, to }]),
    ...(title == null ? [] : [{ ...head, field: 'title' as const, to: title }]),
  ];
}

async function typeOf(
  place: AzurePlace,
  { id }: LookBack['ref'],
  signal: AbortSignal,
): Promise<WorkItemType | undefined> {
  const name =
    place.held.get(id)?.type ??
    (await readItems(place, [Number(id)], signal)).get(id)?.fields['System.WorkItemType'];
  return name === undefined ? undefined : typeNamed(place, name, signal);
}
