// Shows whether the audit log is what was written: npm run audit:verify, for the database or for exported lines
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { chainStart, followChain } from './domain/audit.ts';
import type { ChainedEntry, ChainHead } from './domain/audit.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { openLog } from './observe/log.ts';
import type { Store } from './ports/store.ts';
import { openStore } from './store/open.ts';

const USAGE = `Usage: npm run audit:verify -- [FILE] [--after SEQUENCE --hash HASH]
  Without FILE the database is read, every tenant's log whole. FILE holds lines of GET /api/audit; "-" is standard input.
  --after, --hash  the entry before the first line, where the lines are not from the beginning`;

const BATCH = 500;

const Line = z.object({
  tenantId: z.string(),
  sequence: z.int().positive(),
  entry: z.record(z.string(), z.unknown()),
  salts: z.object({
    actor: z.string().exactOptional(),
    before: z.string().exactOptional(),
    after: z.string().exactOptional(),
    note: z.string().exactOptional(),
  }),
  hash: z.string(),
});
type Line = z.infer<typeof Line>;

/** One tenant's log that is being followed. */
interface Followed {
  head: ChainHead;
  count: number;
}

/** Throws `invalid-request` when it is broken. */
function follow(log: Followed, tenantId: string, items: readonly ChainedEntry<object>[]): void {
  const end = followChain(log.head, items);
  if ('reason' in end)
    throw new AppError('invalid-request', `The log of tenant "${tenantId}" is broken: ${end.reason}.`);
  log.head = end;
  log.count += items.length;
}

function tell(tenantId: string, { head, count }: Followed): void {
  process.stdout.write(
    `${count} entries of tenant "${tenantId}" are as they were written; the last is ${head.sequence}, its hash ${head.hash}.\n`,
  );
}

async function verifyStore(store: Store): Promise<void> {
  for (const tenantId of await store.dispatch.auditedTenants()) {
    const log: Followed = { head: chainStart(tenantId), count: 0 };
    for (;;) {
      const items = await store
        .tenant(tenantId)
        .transact((tx) => tx.journal.chained(log.head.sequence, BATCH));
      if (items.length === 0) break;
      follow(log, tenantId, items);
    }
    tell(tenantId, log);
  }
}

async function verifyFile(file: string, from: ChainHead | undefined): Promise<void> {
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  const logs = new Map<string, Followed>();
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (text === '') continue;
    const { tenantId, ...item } = lineOf(text, number);
    const log = logs.get(tenantId) ?? { head: from ?? chainStart(tenantId), count: 0 };
    follow(log, tenantId, [item]);
    logs.set(tenantId, log);
  }
  if (logs.size === 0) throw new AppError('invalid-request', 'There are no entries in it.');
  for (const [tenantId, log] of logs) tell(tenantId, log);
}

function lineOf(text: string, number: number): Line {
  try {
    return Line.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('invalid-request', `Line ${number} is no line of the audit log.`, { cause });
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: { after: text, hash: text },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (file !== undefined) {
    await verifyFile(file, headOf(values.after, values.hash));
    return;
  }
  const { databaseUrl, dataDir, logLevel } = loadConfig();
  const log = openLog({ level: logLevel, isPretty: false });
  const store = await openStore({ ...(databaseUrl === undefined ? {} : { databaseUrl }), dataDir, log });
  try {
    await verifyStore(store);
  } finally {
    await store.close();
  }
}

function headOf(after: string | undefined, hash: string | undefined): ChainHead | undefined {
  if (after === undefined && hash === undefined) return undefined;
  const sequence = Number(after);
  if (hash === undefined || !Number.isSafeInteger(sequence) || sequence < 0)
    throw new AppError('invalid-request', '--after and --hash belong together: a number and its hash.');
  return { sequence, hash };
}

try {
  await main();
} catch (error) {
  const isMistyped = error instanceof TypeError;
  process.stderr.write(`${messageOf(error)}\n${isMistyped ? `${USAGE}\n` : ''}`);
  process.exitCode = isMistyped ? 64 : 1;
}
