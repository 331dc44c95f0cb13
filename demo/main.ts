// The whole house on loopback: two models become issues, people work, what they did comes back. `--keep` leaves it running.
import { messageOf } from '../src/domain/errors.ts';
import { fourTrackers } from './four-trackers.ts';
import { peopleWork, settleAndRepeat } from './people.ts';
import { setUp } from './setup.ts';
import { show } from './show.ts';
import { openStage, type Stage } from './stage.ts';

const PORT = 3008;

async function play(stage: Stage): Promise<void> {
  const setting = await setUp(stage);
  const rows = await peopleWork(stage, setting);
  const settled = await settleAndRepeat(stage, setting);
  const patch = await stage.api.text(`/api/threat-models/${setting.models.get('payments.json')}/patch`);
  const changed = patch.split('\n').filter((line) => /^[+-] /.test(line));
  show.heading('8. The file gets its statuses back');
  for (const line of changed) show.fact(line);
  await fourTrackers(stage);
  show.heading('What happened');
  show.table([
    ['created', `${setting.created} issues from 2 models with ${setting.pushCalls} API calls`],
    ...rows,
    ...settled,
  ]);
}

function usage(args: readonly string[]): boolean {
  const unknown = args.find((arg) => arg !== '--keep');
  if (unknown === undefined) return args.includes('--keep');
  process.stderr.write(`"${unknown}" is not known. Usage: npm run demo [-- --keep]\n`);
  process.exit(64);
}

async function main(): Promise<void> {
  const keep = usage(process.argv.slice(2));
  const started = Date.now();
  show.heading('0. The service starts on its embedded database');
  const stage = await openStage(keep ? PORT : 0);
  show.fact(
    `${stage.url}, and a GitHub simulator at ${stage.github.url} (its headers say that limits are generous)`,
  );
  show.fact('The quiet time before a question is 2 s here and 10 min in the product.');
  try {
    await play(stage);
    show.fact(`\n  Done in ${Math.round((Date.now() - started) / 1000)} s.`);
    if (keep) await wait(stage);
  } finally {
    await stage.close();
  }
}

async function wait({ url, token, github }: Stage): Promise<void> {
  show.heading('Left running until Ctrl-C');
  show.fact(`API      ${url}/docs`);
  show.fact(`GitHub   ${github.url}/api/v3/repos/acme/payments/issues`);
  show.fact(`Token    ${token}`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

try {
  await main();
} catch (error) {
  show.failure(`\nThe demo did not end as it should: ${messageOf(error)}`);
  process.exitCode = 1;
}
