/** Entry of the worker thread that reads files: one task, one answer, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { perform } from './file-task.ts';
import type { FileTask } from './file-task.ts';

const task: FileTask = workerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
parentPort?.postMessage(perform(task));
