import { Worker } from 'node:worker_threads';
import { AppError } from '../domain/errors.ts';
import type { FileReader } from '../ports/source.ts';
import type { FileAnswer, FileTask } from './file-task.ts';
import { FILE_LIMITS, refuseBySize } from './read-model.ts';
import type { FileLimits } from './read-model.ts';

export interface ReaderOptions extends FileLimits {
  /** Longest time for one file, in milliseconds, the start of the thread included. */
  timeLimitMs: number;
  /** Largest heap of the thread that reads, in MiB. */
  heapMiB: number;
  /** Files read at the same time; the others wait. */
  threads: number;
}

const OPTIONS: ReaderOptions = { ...FILE_LIMITS, timeLimitMs: 10_000, heapMiB: 768, threads: 2 };

/**
 * Reads and patches model files in a thread of its own for each, so that a hostile file costs its time and memory
 * limit and nothing else.
 */
export function fileReader(options: Partial<ReaderOptions> = {}): FileReader {
  const limits = { ...OPTIONS, ...options };
  const turn = turnstile(limits.threads);
  return {
    async read(bytes) {
      refuseBySize(bytes, limits);
      const answer = await turn(() => inThread({ kind: 'read', bytes, limits }, limits));
      if (answer.kind !== 'read') throw refusal(answer);
      return answer.model;
    },
    async patch(format, bytes, edits) {
      const answer = await turn(() => inThread({ kind: 'patch', format, bytes, edits, limits }, limits));
      if (answer.kind !== 'patched') throw refusal(answer);
      return answer.file;
    },
  };
}

function refusal(answer: FileAnswer): Error {
  if (answer.kind !== 'refused') return new TypeError(`the reading thread answered "${answer.kind}"`);
  return new AppError(answer.code, answer.message, { faults: answer.faults });
}

function inThread(task: FileTask, options: ReaderOptions): Promise<FileAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: options.heapMiB },
    });
    const alarm = setTimeout(() => {
      reject(exceeded(`Reading the file took longer than ${options.timeLimitMs / 1000} seconds`));
      void worker.terminate();
    }, options.timeLimitMs);
    worker.once('message', (answer: FileAnswer) => resolve(answer));
    worker.once('error', (error: Error & { code?: string }) => {
      const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(
        outOfMemory ? exceeded(`Reading the file took more than ${options.heapMiB} MiB of memory`) : error,
      );
    });
    worker.once('exit', () => {
      clearTimeout(alarm);
      reject(new Error('the reading thread ended without an answer'));
    });
  });
}

function exceeded(what: string): AppError {
  return new AppError('model-limit-exceeded', `${what}. Split the model, or check what made the file.`);
}

/** Lets so many tasks run at the same time; the others wait in order. */
function turnstile(places: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (task) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
