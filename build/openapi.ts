import { writeFileSync } from 'node:fs';
import { documented, errorsPage } from './documents.ts';
import { providersPage } from './providers.ts';

writeFileSync('docs/openapi.json', await documented());
writeFileSync('docs/errors.md', errorsPage());
writeFileSync('docs/providers/README.md', await providersPage());
console.log('Wrote docs/openapi.json, docs/errors.md and docs/providers/README.md.');
