// Runs a TypeScript file of the project: `node bin/run.mjs FILE ARGS…`. Plain JavaScript that an old Node can parse, so that
// the wrong Node gets a sentence instead of a syntax error.
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const file = process.argv[2];
if (file === undefined) {
  console.error('Usage: node bin/run.mjs FILE [ARGUMENTS]');
  process.exit(64);
}
process.argv.splice(1, 2, resolve(file));
await import(pathToFileURL(resolve(file)).href);
