// Everything that shows that the promise is kept, in one table: npm run proof
import { parseArgs } from 'node:util';
import type { Choice } from './part.ts';
import { PARTS } from './parts.ts';
import { keep, kept } from './results.ts';
import { run, show } from './run.ts';
import { lineOf } from './table.ts';

const USAGE = `npm run proof -- [options]
  --only NAME,NAME   these parts alone: ${PARTS.map(({ name }) => name).join(', ')}
  --missing          only what was not run, or not often enough
  --seeds N          simulation: so many seeds (10000)
  --from N           simulation: beginning with this one (1); slices add up in the table
  --table            what was kept from earlier runs, without running anything`;

const SET = 'proof';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    missing: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? PARTS.map(({ name }) => name);
const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length === 0 ? USAGE : `There is no part "${unknown.join('", "')}".\n${USAGE}`);
  process.exit(values.help ? 0 : 64);
}
const choice: Choice = { seeds: Number(values.seeds), from: Number(values.from) };

const chosen = PARTS.filter(({ name }) => names.includes(name));
const due = chosen.filter((part) => !values.missing || !lineOf(part, kept(SET)).isGood);
if (!values.table) for (const part of due) keep(SET, await run(part, choice));

process.exitCode = show(SET, values.only === undefined ? PARTS : chosen) ? 0 : 1;
