// Requests to each tracker for the everyday jobs, counted on the way out: `npm run bench`. Counts do not depend on the machine.
import { type Furnished, furnishAll } from '../simulators/catalogue.ts';
import { systemClock } from '../src/clock.ts';
import { compose } from '../src/compose.ts';
import { readConfig } from '../src/config.ts';
import { openLog } from '../src/observe/log.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { Caller, UseCases } from '../src/sync/use-cases.ts';

const THREATS = 1000;
const MODEL = '0f8fad5b-d9cb-469f-a165-70867728950e';
const WAIT_MS = 2 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

const config = readConfig(
  {
    DATA_DIR: 'memory',
    LOG_LEVEL: 'error',
    TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
    TRACKER_ALLOW_HTTP: 'true',
    JWT_SECRET: 'not used here, but long enough to be one',
    ENCRYPTION_KEY: '0123456789abcdef'.repeat(4),
  },
  { read: () => '', keep: () => ({ value: '', path: '', isNew: false }) },
);

/** The calls of one sync that must go through. */
async function calls(
  { sync }: UseCases,
  caller: Caller,
  integrationId: string,
  request: { full?: boolean },
): Promise<number> {
  const started = await sync.start(caller, integrationId, request);
  const run = await sync.wait(caller, started.id, WAIT_MS);
  if (run.state !== 'completed')
    throw new Error(`run ${run.state}: ${run.error?.message ?? run.waiting ?? ''}`);
  return run.calls;
}

async function put(useCases: UseCases, caller: Caller, count: number): Promise<void> {
  const threats = Array.from({ length: count }, (_, index) => ({
    key: `threat-${index}`,
    title: `Threat ${index}`,
    description: 'What can go wrong.',
    status: 'identified' as const,
    severity: 'high' as const,
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
  }));
  await useCases.models.put(caller, MODEL, { name: 'Bench', threats });
}

async function measure(useCases: UseCases, tracker: Furnished): Promise<void> {
  const caller: Caller = { tenantId: tracker.provider, actor: 'bench' };
  const { id } = await useCases.integrations.create(caller, {
    name: tracker.title,
    provider: tracker.provider,
    config: tracker.config,
    credentials: tracker.credentials,
    syncIntervalMinutes: null,
    limits: { creates: THREATS * 2 },
  });
  const sync = (request: { full?: boolean } = {}): Promise<number> => calls(useCases, caller, id, request);
  await put(useCases, caller, 100);
  const hundred = await sync();
  await put(useCases, caller, THREATS);
  const rest = await sync();
  await sync();
  // Trackers are read with an overlap of minutes: what was just written is seen again until it is older than that.
  aheadMs += HOUR_MS;
  await sync();
  const unchanged = await sync();
  const sweep = await sync({ full: true });
  const issues = tracker.issues().length;
  if (issues !== THREATS) throw new Error(`${tracker.title} has ${issues} issues instead of ${THREATS}`);
  const row = [tracker.title.padEnd(20), hundred, rest, unchanged, sweep].map((cell) =>
    String(cell).padStart(14),
  );
  process.stdout.write(`${row.join('')}\n`);
}

let aheadMs = 0;
const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
const service = await compose(config, openLog({ level: 'error', isPretty: false }), { clock });
const trackers = await furnishAll({ pace: 'generous', now: () => clock.now() });
try {
  const head = ['', 'push 100', `push ${THREATS - 100} more`, 'no change', 'full sweep'];
  process.stdout.write(`${head.map((cell) => cell.padStart(14)).join('')}   (requests; ${THREATS} links)\n`);
  for (const tracker of trackers) await measure(service.useCases, tracker);
} finally {
  await service.close();
  for (const tracker of trackers) await tracker.stop();
}
