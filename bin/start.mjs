// What `npm start` runs.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
await import('../src/main.ts');
