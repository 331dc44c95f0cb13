import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../src/domain/errors.ts';
import type { PlantedBug } from './planted.ts';
import type { Played } from './stage.ts';
import type { Script } from './script.ts';
import type { Job } from './seeds-worker.ts';

/** A play that takes longer goes round in a circle. */
const PATIENCE_MS = 120_000;

interface Answer {
  played?: Played;
  error?: string;
}

/** Plays scripts side by side. */
export interface Pool {
  play(script: Script, options?: { trace?: boolean }): Promise<Played>;
  close(): Promise<void>;
}

export function newPool(options: { plant?: PlantedBug; size?: number } = {}): Pool {
  const size = options.size ?? Math.min(4, availableParallelism());
  const url = new URL('./seeds-worker.ts', import.meta.url);
  const hire = (): Worker => new Worker(url, { workerData: { plant: options.plant } });
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
    async play(script, { trace = false } = {}) {
      const worker = await take();
      const { played, error } = await ask(worker, { script, trace });
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
  };
}

async function ask(worker: Worker, job: Job): Promise<Answer> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    const answered = once(worker, 'message', { signal }).then(([answer]: Answer[]) => answer ?? {});
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    worker.postMessage(job);
    const patience = sleep(PATIENCE_MS, { error: 'it does not come to an end' }, { signal });
    return await Promise.race([answered, patience]);
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    ended.abort();
  }
}
