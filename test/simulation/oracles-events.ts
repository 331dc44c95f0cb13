import { z } from 'zod';
import type { Rows } from './play-store.ts';
import { violated } from './stage.ts';
import type { Stage } from './stage.ts';

const HOUR_MS = 60 * 60 * 1000;
const Event = z.object({ type: z.string(), created_at: z.string(), published_at: z.string().nullable() });

/** What was committed is told: the publisher looks every minute. */
export function judgeEvents(stage: Stage, { outbox = [] }: Rows): void {
  for (const row of outbox) {
    const { type, created_at: at, published_at: told } = Event.parse(JSON.parse(row));
    if (told === null && Date.parse(at) < stage.time.now() - HOUR_MS)
      violated(stage, 'I7', `the event ${type} of ${at} was never published`);
  }
}
