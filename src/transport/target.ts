import { AppError, TrackerError } from '../domain/errors.ts';
import type { TrackerRequest } from '../ports/tracker.ts';

/**
 * The URL of a request. It stays below the connection's API root, and an absolute `url` (a `next` link) on its
 * origin. Throws a `TrackerError` `tracker-nonsense` for a foreign origin, an `AppError` `invalid-request` for a
 * path that means another one once it is parsed (`..`, `//`, backslashes).
 */
export function targetOf(apiRoot: URL, request: TrackerRequest): URL {
  if (request.url !== undefined) return sameOrigin(apiRoot, request.url);
  const wanted = `${apiRoot.pathname.replace(/\/$/, '')}${request.path}`;
  const target = new URL(apiRoot);
  target.pathname = wanted;
  if (!request.path.startsWith('/') || target.pathname !== wanted || wanted.includes('//'))
    throw new AppError(
      'invalid-request',
      `The path ${JSON.stringify(request.path.slice(0, 200))} would lead elsewhere: a part of it is not encoded.`,
    );
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) target.searchParams.append(name, String(value));
  return target;
}

function sameOrigin(apiRoot: URL, absolute: string): URL {
  const target = URL.canParse(absolute) ? new URL(absolute) : undefined;
  if (target?.origin === apiRoot.origin && target.username === '' && target.password === '') return target;
  throw new TrackerError(
    'tracker-nonsense',
    `The tracker named a page that is not at ${apiRoot.host}; it was not opened.`,
    { arrived: 'no' },
  );
}
