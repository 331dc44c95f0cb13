import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { PlantedBug } from './planted.ts';
import type { Script } from './script.ts';

/** What a worker is asked to play, and what it answers. */
export interface Job {
  script: Script;
  trace?: boolean;
}

const ROOT = join(import.meta.dirname, '..', '..');
const Data = z.object({ plant: z.custom<PlantedBug>().optional() });

/** Changes the text of one module as it is loaded. Throws when the text that the bug replaces is not there exactly once. */
function plant(bug: PlantedBug): void {
  const url = pathToFileURL(join(ROOT, bug.file)).href;
  const source = readFileSync(join(ROOT, bug.file), 'utf8');
  if (source.split(bug.find).length !== 2) throw new Error(`"${bug.name}" does not fit ${bug.file} any more`);
  registerHooks({
    load(wanted, context, next) {
      const loaded = next(wanted, context);
      return wanted === url ? { ...loaded, source: source.replace(bug.find, () => bug.replace) } : loaded;
    },
  });
}

// Most errors of a play are expected, and nobody reads where they came from.
Error.stackTraceLimit = 0;
const { plant: bug } = Data.parse(workerData ?? {});
if (bug !== undefined) plant(bug);
const { play } = await import('./play.ts');

parentPort?.on('message', (job: Job) => {
  answer(job).then(tell, tell);
});

async function answer({ script, trace = false }: Job): Promise<object> {
  try {
    return { played: await play(script, { trace }) };
  } catch (error) {
    return { error: error instanceof Error ? error.stack : String(error) };
  }
}

function tell(message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  parentPort?.postMessage(message);
}
