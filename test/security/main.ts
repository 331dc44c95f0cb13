// Every attack that we know, in one table: npm run security
import { parseArgs } from 'node:util';
import { keep } from '../proof/results.ts';
import { run, show } from '../proof/run.ts';
import { PARTS } from './parts.ts';

const SET = 'security';
const USAGE = `npm run security -- [options]
  --only NAME,NAME   these attacks alone: ${PARTS.map(({ name }) => name).join(', ')}
  --table            what was kept from earlier runs, without running anything`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? PARTS.map(({ name }) => name);
const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length === 0 ? USAGE : `There is no attack "${unknown.join('", "')}".\n${USAGE}`);
  process.exit(values.help ? 0 : 64);
}
const chosen = PARTS.filter(({ name }) => names.includes(name));
if (!values.table) for (const part of chosen) keep(SET, await run(part, { seeds: 0, from: 0 }));
process.exitCode = show(SET, chosen) ? 0 : 1;
