// Erases one person from everything that is kept of a tenant: npm run people:erase -- --tenant T --name NAME
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { systemClock } from './clock.ts';
import { loadConfig } from './config.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { personNamed } from './domain/person.ts';
import { openLog } from './observe/log.ts';
import { openStore } from './store/open.ts';
import { erasePerson, findPerson } from './sync/erase-person.ts';
import type { Places } from './sync/erase-person.ts';

const USAGE = `Usage: npm run people:erase -- --tenant T --name NAME [--name ANOTHER …] [--yes]
  --name   the subject of their token, a login, a display name: each name the person goes by
  --yes    erase; without it the places are only counted`;

const Options = z.object({
  tenant: z.string({ error: 'is missing' }).min(1),
  name: z.array(z.string(), { error: 'is missing' }).min(1),
  yes: z.boolean().default(false),
});

function optionsOf(args: string[]): z.infer<typeof Options> {
  const { values } = parseArgs({
    args,
    options: {
      tenant: { type: 'string' },
      name: { type: 'string', multiple: true },
      yes: { type: 'boolean' },
    },
  });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new TypeError(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '),
  );
}

function tell(head: string, places: Places): void {
  if (places.size === 0) return;
  process.stdout.write(`${head}\n`);
  for (const place of [...places.keys()].toSorted())
    process.stdout.write(`  ${place}: ${places.get(place)}\n`);
}

async function main(): Promise<void> {
  const { tenant, name, yes } = optionsOf(process.argv.slice(2));
  const person = personNamed(name);
  const { databaseUrl, dataDir, logLevel } = loadConfig();
  const log = openLog({ level: logLevel, isPretty: false });
  const store = await openStore({ ...(databaseUrl === undefined ? {} : { databaseUrl }), dataDir, log });
  try {
    const parts = { store, clock: systemClock };
    const { erased, left } = await (yes ? erasePerson : findPerson)(parts, tenant, person);
    tell(yes ? 'Erased, in rows:' : 'Would be erased, in rows:', erased);
    tell('Names the person and is not erased (docs/people.md says what to do):', left);
    if (erased.size + left.size === 0) process.stdout.write('Nothing names this person.\n');
    if (!yes && erased.size > 0) process.stdout.write('Nothing was changed: --yes erases.\n');
    if (yes && left.size > 0)
      throw new AppError('conflict', 'The person is still named in the places above.');
  } finally {
    await store.close();
  }
}

try {
  await main();
} catch (error) {
  const isMistyped = error instanceof TypeError;
  process.stderr.write(`${messageOf(error)}\n${isMistyped ? `${USAGE}\n` : ''}`);
  process.exitCode = isMistyped ? 64 : 1;
}
