import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Platform } from '../ports/source.ts';
import type { Send, TrackerResponse } from '../ports/tracker.ts';
import { parsePlatformModel } from './platform.ts';

const Listing = z.object({ items: z.array(z.object({ id: z.string() })), nextCursor: z.string().optional() });
const PAGES = 1000;

/**
 * The platform's API, below the base URL that `send` is bound to (`THREAT_MODEL_API_URL`). Expected answers:
 * - `GET /threat-models/:id` → 200 with a canonical model (`name`, `threats`), or 404 or 410 when there is none;
 * - `GET /threat-models?updatedSince=<ISO>&cursor=<opaque>` → 200 with `{ items: [{ id }], nextCursor? }`.
 * Anything else throws an `AppError` `unavailable` that names the answer; nothing is taken for "deleted" but a 404 or
 * 410 of the model itself.
 */
export function platformClient(send: Send): Platform {
  return {
    async model(id, signal) {
      const answer = await send({ method: 'GET', path: `/threat-models/${encodeURIComponent(id)}` }, signal);
      if (answer.status === 404 || answer.status === 410) return undefined;
      return parsePlatformModel(bodyOf(answer));
    },
    async updatedSince(since, signal) {
      const ids: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const query = { updatedSince: since, cursor };
        const listing = Listing.safeParse(
          bodyOf(await send({ method: 'GET', path: '/threat-models', query }, signal)),
        );
        if (!listing.success) throw nonsense('a list that is not { items: [{ id }] }');
        ids.push(...listing.data.items.map((each) => each.id));
        cursor = listing.data.nextCursor;
        if (cursor === undefined) return ids;
      }
      throw nonsense(`more than ${PAGES} pages`);
    },
  };
}

function bodyOf(answer: TrackerResponse): unknown {
  if (answer.status !== 200) throw nonsense(`status ${answer.status}`);
  if (answer.json === undefined) throw nonsense('no JSON');
  return answer.json;
}

function nonsense(what: string): AppError {
  return new AppError(
    'unavailable',
    `The threat-model platform answered with ${what}. Check THREAT_MODEL_API_URL and THREAT_MODEL_API_TOKEN.`,
  );
}
