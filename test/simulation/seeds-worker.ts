import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { PlantedBug } from './planted.ts';
import type { Script } from './script.ts';
import type { StoreKind } from './stores/kinds.ts';

/** What a worker is asked to play, and what it answers. */
export interface Job {
  script: Script;
  trace?: boolean;
  /** How often idle processes look whether there is work. */
  pollMs?: number;
}

const ROOT = join(import.meta.dirname, '..', '..');
const Data = z.object({
  plant: z.custom<PlantedBug>().optional(),
  store: z.custom<StoreKind>().optional(),
});

/** Changes the text of modules as they are loaded. Throws when a text that the bug replaces is not there exactly once. */
function plant(bug: PlantedBug): void {
  const sources = new Map<string, string>();
  for (const { file, find, replace } of [bug, ...(bug.also ?? [])]) {
    const url = pathToFileURL(join(ROOT, file)).href;
    const source = sources.get(url) ?? readFileSync(join(ROOT, file), 'utf8');
    if (source.split(find).length !== 2) throw new Error(`"${bug.name}" does not fit ${file} any more`);
    sources.set(
      url,
      source.replace(find, () => replace),
    );
  }
  registerHooks({
    load(wanted, context, next) {
      const source = sources.get(wanted);
      const loaded = next(wanted, context);
      return source === undefined ? loaded : { ...loaded, source };
    },
  });
}

// Most errors of a play are expected, and nobody reads where they came from.
Error.stackTraceLimit = 0;
const { plant: bug, store } = Data.parse(workerData ?? {});
if (bug !== undefined) plant(bug);
const { play } = await import('./play.ts');
const open =
  store === undefined ? undefined : await import('./stores/kinds.ts').then(({ openKind }) => openKind(store));

parentPort?.on('message', (job: Job) => {
  answer(job).then(tell, tell);
});

async function answer({ script, ...options }: Job): Promise<object> {
  try {
    return { played: await play(script, { ...options, ...(open !== undefined && { open }) }) };
  } catch (error) {
    return { error: error instanceof Error ? error.stack : String(error) };
  }
}

function tell(message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  parentPort?.postMessage(message);
}
