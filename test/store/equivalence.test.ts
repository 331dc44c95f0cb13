import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { codeOf } from '../../src/store/failures.ts';
import { memoryStage } from '../simulation/memory-stage.ts';
import { PGLITE, POSTGRESQL } from './database.ts';
import type { World } from './histories/commands.ts';
import { foundingOf, readingsOf, stepsOf } from './histories/steps.ts';
import type { Step } from './histories/steps.ts';
import type { Stage } from './stage.ts';

const SEEDS = 8;
const STEPS = 60;

/** What the store answered, or how it refused, without what each store makes for itself. */
async function outcome(stage: Stage, world: World, step: Step): Promise<unknown> {
  try {
    return comparable({ answer: await step.run(stage.store, world) });
  } catch (thrown) {
    return { refused: thrown instanceof AppError ? thrown.code : codeOf(thrown) || String(thrown) };
  }
}

function newWorld(): World {
  return { leases: new Map() };
}

/** Times of the store's own clock as `now`: the histories use only times of 2026-01 and of 2999. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string')
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !/^(?:2026-01|2999)-/.test(value) ? 'now' : value;
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Set) return comparable([...value].map(String).toSorted());
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, comparable(member)]));
}

for (const engine of [PGLITE, POSTGRESQL])
  describe(`the store in memory and the one on ${engine.name}`, { skip: engine.skip }, () => {
    let sql: Stage | undefined;
    const memory = memoryStage();
    before(async () => {
      sql = await engine.open();
    });
    after(() => sql?.close());

    for (let seed = 1; seed <= SEEDS; seed += 1)
      it(`answer the same to history ${seed}`, async () => {
        assert.ok(sql !== undefined);
        const steps = [...foundingOf(seed), ...stepsOf(seed, STEPS), ...readingsOf(seed)];
        const worlds = { sql: newWorld(), memory: newWorld() };
        for (const [index, step] of steps.entries()) {
          const expected = await outcome(sql, worlds.sql, step);
          const actual = await outcome(memory, worlds.memory, step);
          assert.deepEqual(actual, expected, `step ${index}: ${step.says}`);
        }
      });
  });
