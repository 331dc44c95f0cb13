// Requests to each tracker for the everyday jobs, beside the fewest its API allows: `npm run bench`. The service runs as it is,
// the trackers are simulators with the vendors' limits, and time is virtual. Ends with 1 when a count is above the goal.
import { type Furnished, furnishFaces } from '../simulators/catalogue.ts';
import { systemChance } from '../src/clock.ts';
import { compose, type Service } from '../src/compose.ts';
import { readConfig } from '../src/config.ts';
import { TIMINGS } from '../src/domain/timings.ts';
import { openLog } from '../src/observe/log.ts';
import type { Store } from '../src/ports/store.ts';
import { openStore } from '../src/store/open.ts';
import type { Caller } from '../src/sync/use-cases.ts';
import { BATCHES, leastFor } from './least.ts';
import { networkWithin } from './network.ts';
import { holdForCrypto, virtualClock } from './virtual-time.ts';

const THREATS = 1000;
const FIRST = 100;
const GOAL = 1.1;
const MODEL = '0f8fad5b-d9cb-469f-a165-70867728950e';
const HOUR_MS = 60 * 60 * 1000;
const LOOK_MS = 60 * 1000;
const PATIENCE_MS = 24 * HOUR_MS;

const config = readConfig(
  {
    DATA_DIR: 'memory',
    LOG_LEVEL: 'error',
    TRACKER_ALLOWED_CIDRS: '203.0.113.0/24',
    JWT_SECRET: 'not used here, but long enough to be one',
    ENCRYPTION_KEY: '0123456789abcdef'.repeat(4),
  },
  { read: () => '', keep: () => ({ value: '', path: '', isNew: false }) },
);
const clock = virtualClock(Date.parse('2026-11-23T09:00:00Z'));
// The embedded database asks the process for the time: leases and due times are by its clock.
Date.now = () => clock.now().getTime();
holdForCrypto(clock);
const network = networkWithin(clock);

interface Measured {
  calls: number;
  ms: number;
}

/** One sync that must go through, waits for the tracker's limits included. */
async function synced(
  { useCases: { sync } }: Service,
  caller: Caller,
  integrationId: string,
  request: { full?: boolean } = {},
): Promise<Measured> {
  const began = clock.now().getTime();
  const { id } = await sync.start(caller, integrationId, request);
  for (;;) {
    const run = await sync.run(caller, id);
    const now = clock.now().getTime();
    if (run.state === 'completed') return { calls: run.calls, ms: Date.parse(run.finishedAt ?? '') - began };
    const isOver = run.state === 'failed' || run.state === 'cancelled' || now - began > PATIENCE_MS;
    if (isOver) throw new Error(`run ${run.state}: ${run.error?.message ?? run.waiting ?? ''}`);
    await clock.sleep(LOOK_MS);
  }
}

async function put({ useCases }: Service, caller: Caller, count: number): Promise<void> {
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

interface Row {
  job: string;
  measured: Measured;
  least: number;
}

async function measure(service: Service, tracker: Furnished): Promise<readonly Row[]> {
  const batches = BATCHES[tracker.title];
  if (batches === undefined) throw new Error(`bench/least.ts says nothing of ${tracker.title}`);
  const caller: Caller = { tenantId: tracker.title, actor: 'bench' };
  const { id } = await service.useCases.integrations.create(caller, {
    name: tracker.title,
    provider: tracker.provider,
    config: tracker.config,
    credentials: tracker.credentials,
    syncIntervalMinutes: null,
    limits: { creates: THREATS * 2 },
  });
  const sync = (request: { full?: boolean } = {}): Promise<Measured> => synced(service, caller, id, request);
  await put(service, caller, FIRST);
  const first = await sync();
  await put(service, caller, THREATS);
  const rest = await sync();
  // Trackers are read with an overlap of minutes: what was just written is seen again until it is older than that.
  await sync();
  clock.pass(HOUR_MS);
  await sync();
  const unchanged = await sync();
  const sweep = await sync({ full: true });
  const issues = tracker.issues().length;
  if (issues !== THREATS) throw new Error(`${tracker.title} has ${issues} issues instead of ${THREATS}`);
  const more = THREATS - FIRST;
  // What the first run made shows as changed in the second: no API says that it was us.
  return [
    { job: `push ${FIRST}`, measured: first, least: leastFor(batches, { creates: FIRST }) },
    { job: `push ${more} more`, measured: rest, least: leastFor(batches, { creates: more, reads: FIRST }) },
    { job: 'no change', measured: unchanged, least: leastFor(batches, {}) },
    { job: 'full sweep', measured: sweep, least: leastFor(batches, { reads: THREATS }) },
  ];
}

/** The clock stands still during transactions, so that no count depends on the machine. */
function held(store: Store): Store {
  const { dispatch } = store;
  return {
    ...store,
    dispatch: {
      ...dispatch,
      claim: (worker, leaseMs, whose) => clock.during(dispatch.claim(worker, leaseMs, whose)),
      release: (lease, dueAt) => clock.during(dispatch.release(lease, dueAt)),
      renew: (lease, leaseMs) => clock.during(dispatch.renew(lease, leaseMs)),
    },
    tenant: (tenantId) => {
      const tenant = store.tenant(tenantId);
      return { ...tenant, transact: (work) => clock.during(tenant.transact(work)) };
    },
  };
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell, index) => (index === 0 ? String(cell).padEnd(21) : String(cell).padStart(14))).join(' | ')} |\n`;
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return '< 1 min';
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

const store = held(await openStore({ dataDir: 'memory', log: openLog({ level: 'error', isPretty: false }) }));
const service = await compose(config, openLog({ level: 'error', isPretty: false }), {
  clock,
  chance: { ...systemChance, fraction: () => 0.5 },
  // Idle workers would look for work thousands of times an hour, which counts nothing.
  timings: { ...TIMINGS, pollMs: LOOK_MS },
  store,
  network: network.forService,
});
const trackers = await furnishFaces({
  pace: 'published',
  now: () => clock.now(),
  netAt: (origin) => network.netAt(origin),
});
let isAbove = false;
process.stdout.write(line(['tracker', 'job', 'requests', 'fewest', 'ratio', 'takes']));
process.stdout.write(line(['---', '---', '---:', '---:', '---:', '---:']));
for (const tracker of trackers)
  for (const { job, measured, least } of await measure(service, tracker)) {
    const ratio = measured.calls / least;
    // A run that another worker took over would tell only the calls of its last part.
    if (ratio < 1)
      throw new Error(`${tracker.title}, ${job}: ${measured.calls} calls are fewer than the fewest`);
    isAbove ||= ratio > GOAL;
    const mark = ratio > GOAL ? ' (!)' : '';
    process.stdout.write(
      line([tracker.title, job, measured.calls, least, `${ratio.toFixed(2)}${mark}`, duration(measured.ms)]),
    );
  }
await service.close();
for (const tracker of trackers) await tracker.stop();
if (isAbove) process.stderr.write(`\nMore than ${GOAL} times the fewest requests, marked with (!).\n`);
process.exit(isAbove ? 1 : 0);
