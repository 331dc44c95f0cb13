import { afterEach, beforeEach, describe } from 'node:test';
import { promisesOfConnecting } from './connecting.ts';
import { promisesOfFollowing } from './following.ts';
import { promisesOfReading } from './reading.ts';
import { promisesOfPlacing } from './placing.ts';
import { promisesOfHistory } from './history.ts';
import { stageOf } from './stage.ts';
import type { TrackerWorld } from './stage.ts';
import { promisesOfWriting } from './writing.ts';

/** Every promise of `Tracker`, for one provider; each test gets a world of its own. */
export function describeTracker(name: string, setUp: () => Promise<TrackerWorld>): void {
  describe(`tracker contract: ${name}`, () => {
    let world: TrackerWorld | undefined;
    beforeEach(async () => {
      world = await setUp();
    });
    afterEach(() => world?.close());
    const stage = stageOf(() => {
      if (world === undefined) throw new Error('the world is made before each test');
      return world;
    });
    promisesOfReading(stage);
    promisesOfWriting(stage);
    promisesOfHistory(stage);
    promisesOfFollowing(stage);
    promisesOfConnecting(stage);
    promisesOfPlacing(stage);
  });
}
