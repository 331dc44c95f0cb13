import { z } from 'zod';
import type { ChangePage, Cursor, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf } from './answers.ts';
import { refOf } from './convert.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { AzureRevisions } from './wire.ts';

/** A reader that starts now looks back this far: our clock is not the server's, and what is that new is no loss to hear of. */
const START_MS = 10 * 60 * 1000;
/** And one whose token has become useless, this far before it was given. */
const OVERLAP_MS = 60 * 60 * 1000;

/** Where the service stopped, in its own words, and when that was by our clock. */
const Position = z.strictObject({ token: z.string().max(2000), at: z.iso.datetime() });
type Position = z.infer<typeof Position>;

function cursorOf(position: Position): Cursor {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function positionOf(cursor: Cursor): Position | undefined {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

function page(
  place: AzurePlace,
  from: { continuationToken: string } | { startDateTime: string },
  signal: AbortSignal,
): Promise<TrackerResponse> {
  const path = `${place.path}/_apis/wit/reporting/workitemrevisions`;
  const query = { ...from, fields: 'System.Id', includeDeleted: true };
  return ask(place, { method: 'GET', path, query }, signal);
}

/**
 * Every work item saved since the cursor, deletions and comments included, in the order in which the service saved them.
 * Its token counts saves, not time: nothing has to overlap. It is moved on only by a list that holds something, so that an empty
 * one that should not have been is made up for by the next. A cursor that the service does not take any more starts at an earlier
 * time: that repeats, but misses nothing.
 * https://learn.microsoft.com/rest/api/azure/devops/wit/reporting-work-item-revisions
 */
export async function* changesSince(
  place: AzurePlace,
  cursor: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<ChangePage> {
  const start = cursor === null ? undefined : positionOf(cursor);
  const now = place.clock.now();
  const back =
    start === undefined
      ? cursor === null
        ? now.getTime() - START_MS
        : 0
      : Date.parse(start.at) - OVERLAP_MS;
  const earlier = { startDateTime: new Date(Math.max(0, back)).toISOString() };
  let answer = await page(place, start === undefined ? earlier : { continuationToken: start.token }, signal);
  let position = start;
  if (answer.status === 400 && start !== undefined) {
    answer = await page(place, earlier, signal);
    position = undefined;
  }
  for (let before = ''; ;) {
    const { values, continuationToken, isLastBatch } = dataOf(
      answer,
      AzureRevisions,
      'list changed work items',
      place.clock.now(),
    );
    const refs = cursor === null ? [] : [...new Set(values.map(({ id }) => id))].map(refOf);
    if (position === undefined || values.length > 0)
      position = { token: continuationToken, at: now.toISOString() };
    if (isLastBatch || refs.length > 0) yield { refs, cursor: cursorOf(position) };
    if (isLastBatch || continuationToken === before) return;
    before = continuationToken;
    answer = await page(place, { continuationToken }, signal);
  }
}
