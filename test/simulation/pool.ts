import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../src/domain/errors.ts';
import type { PlantedBug } from './planted.ts';
import type { Played } from './stage.ts';
import type { Script } from './script.ts';
import type { Job } from './seeds-worker.ts';
import type { StoreKind } from './stores/kinds.ts';

/** A play that takes longer goes round in a circle. */
const PATIENCE_MS = 120_000;

interface Answer {
  played?: Played;
  error?: string;
}

interface PoolOptions {
  /** With this bug. */
  plant?: PlantedBug;
  size?: number;
  /** On this store, instead of the one in memory whose transactions go side by side. */
  store?: StoreKind;
  patienceMs?: number;
}

/** Plays scripts side by side. */
export interface Pool {
  play(script: Script, options?: Omit<Job, 'script'>): Promise<Played>;
  close(): Promise<void>;
}

export function newPool(options: PoolOptions = {}): Pool {
  const size = options.size ?? Math.min(4, availableParallelism());
  const url = new URL('./seeds-worker.ts', import.meta.url);
  const hire = (): Worker => new Worker(url, { workerData: { plant: options.plant, store: options.store } });
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  let hired = 0;

  function take(): Promise<Worker> {
    const free = idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (hired < size) {
      hired += 1;
      return Promise.resolve(hire());
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  function give(worker: Worker): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  }

  return {
    async play(script, how = {}) {
      const worker = await take();
      const { played, error } = await ask(worker, { ...how, script }, options.patienceMs ?? PATIENCE_MS);
      if (played !== undefined) {
        give(worker);
        return played;
      }
      await worker.terminate();
      give(hire());
      return failed(script, error ?? 'it ended without a word');
    },
    async close() {
      await Promise.all(idle.map((worker) => worker.terminate()));
    },
  };
}

function failed(script: Script, detail: string): Played {
  return {
    script,
    violations: [{ invariant: 'I11', detail }],
    notes: [],
    trace: '',
    calls: 0,
    writes: 0,
    acts: script.acts.length,
    lines: [],
    rows: {},
  };
}

async function ask(worker: Worker, job: Job, patienceMs: number): Promise<Answer> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    const answered = once(worker, 'message', { signal }).then(([answer]: Answer[]) => answer ?? {});
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    worker.postMessage(job);
    const patience = sleep(patienceMs, { error: 'it does not come to an end' }, { signal });
    return await Promise.race([answered, patience]);
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    ended.abort();
  }
}
