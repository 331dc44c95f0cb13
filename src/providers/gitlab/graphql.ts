import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import type { GitlabPlace } from './project.ts';

const Answer = z.object({ data: z.unknown() });

/** GraphQL lies beside the REST API, under a relative root too. */
function addressOf({ apiRoot }: GitlabPlace): string {
  return apiRoot.href.replace(/\/v4\/?$/, '/graphql');
}

/**
 * What a query reads. Undefined: GraphQL is switched off, refuses this token or is too old for the query, which is remembered;
 * then REST must do. Parts that the account may not see are null.
 * https://docs.gitlab.com/api/graphql/
 */
export async function queryGraphql<T>(
  place: GitlabPlace,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (place.graphqlAbsent) return undefined;
  const answer = await asked(place, { query, variables }, signal);
  const { data } = Answer.safeParse(answer?.json).data ?? {};
  const parsed = answer?.status === 200 ? schema.safeParse(data) : undefined;
  if (parsed?.success === true) return parsed.data;
  place.graphqlAbsent = true;
  return undefined;
}

/** A query that takes GitLab too long is answered with 503, although REST would do. */
async function asked(
  place: GitlabPlace,
  json: object,
  signal: AbortSignal,
): Promise<TrackerResponse | undefined> {
  const path = '/graphql';
  try {
    return await place.send({ method: 'POST', path, url: addressOf(place), json, reads: true }, signal);
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'tracker-unreachable' && error.status !== undefined)
      return undefined;
    throw error;
  }
}
