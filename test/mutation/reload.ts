import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_TEST = new URL('./node-test.ts', import.meta.url).href;

/**
 * Imports the project below a folder as often as one likes, each time anew after `forget`. What is installed is imported once,
 * and what asks for `node:test` gets ours.
 */
export function makeReloader(folder: string): { load(path: string): Promise<unknown>; forget(): void } {
  const root = pathToFileURL(folder + sep).href;
  const stripped = new Map<string, string>();
  let generation = 0;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'node:test') return { url: NODE_TEST, shortCircuit: true };
      const found = next(specifier, context);
      if (!found.url.startsWith(root) || found.url.includes('/node_modules/')) return found;
      return { ...found, url: `${found.url.split('?')[0]}?${generation}` };
    },
    load(url, context, next) {
      const path = url.startsWith(root) ? fileURLToPath(url) : '';
      if (!path.endsWith('.ts')) return next(url, context);
      const source = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'));
      stripped.set(path, source);
      return { format: 'module', source, shortCircuit: true };
    },
  });
  return {
    load: (path) => import(new URL(path, root).href),
    forget: () => {
      generation += 1;
    },
  };
}
