import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Log } from '../../src/ports/clock.ts';
import { PGLITE, POSTGRESQL, QUIET } from '../store/database.ts';
import { times } from './effort.ts';
import { fuzz } from './fuzz/driver.ts';
import { openService, type House } from './service.ts';

const SEED = 20_261_122;
const mebibytes = (bytes = 0): string => `${Math.round(bytes / 2 ** 20)} MiB`;

describe('requests drawn from our own description', () => {
  let house: House;
  const failures: string[] = [];
  before(async () => {
    const network = {
      resolve: async () => [{ address: '140.82.112.5', family: 4 }],
      wire: async () => ({
        status: 404,
        headers: new Headers({ 'content-type': 'application/json' }),
        json: { message: 'Not Found' },
        text: '{"message":"Not Found"}',
      }),
    };
    const engine = POSTGRESQL.skip === false ? POSTGRESQL : PGLITE;
    const log: Log = {
      ...QUIET,
      error: (data) => 'requestId' in data && failures.push(JSON.stringify(data)),
    };
    house = await openService({}, { network }, log, engine);
  });
  after(() => house.close());

  it('are never answered by a failure, or in another way than is described', async (t) => {
    const count = times(50_000, 600);
    const memory: NodeJS.MemoryUsage[] = [];
    const report = await fuzz(house, count, SEED, () => {
      globalThis.gc?.();
      memory.push(process.memoryUsage());
    });
    const answers = [...report.answers].map(([hundred, each]) => `${each} × ${hundred}`);
    t.diagnostic(`${report.sent} requests, ${report.faults.size} faults; ${answers.join(', ')}`);
    const warm = memory[Math.floor(memory.length / 5)];
    const last = memory.at(-1);
    t.diagnostic(`heap ${mebibytes(warm?.heapUsed)} after a fifth, ${mebibytes(last?.heapUsed)} at the end`);
    t.diagnostic(`resident ${mebibytes(warm?.rss)} after a fifth, ${mebibytes(last?.rss)} at the end`);
    for (const [fault, example] of report.faults) t.diagnostic(`${fault}\n  ${example.slice(0, 1500)}`);
    for (const failure of new Set(failures)) t.diagnostic(failure.slice(0, 1500));
    assert.deepEqual([...report.faults.keys()], []);
    assert.ok((report.answers.get('2xx') ?? 0) > count / 10, 'enough of them are good ones');
  });
});
