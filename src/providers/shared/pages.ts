import type { Send, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';

/** The address of the next page that an answer names in its `Link`. */
export function nextPage(answer: TrackerResponse): string | undefined {
  return /<([^<>]+)>\s*;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
}

/** Every answer of a listing, following `Link: rel="next"` as it is. The caller judges each before it asks for the next. */
export async function* answersOfPages(
  send: Send,
  request: Omit<TrackerRequest, 'method'>,
  signal: AbortSignal,
): AsyncGenerator<TrackerResponse> {
  let next: Omit<TrackerRequest, 'method'> | undefined = request;
  while (next !== undefined) {
    const answer: TrackerResponse = await send({ method: 'GET', ...next }, signal);
    yield answer;
    const url = nextPage(answer);
    next = url === undefined ? undefined : { path: request.path, url };
  }
}
