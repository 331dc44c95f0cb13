import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';

/** The map of the house: which rooms a room may import from. Everything may import from itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ['domain'],
  sync: ['ports', 'domain'],
  http: ['sync', 'ports', 'domain'],
  providers: ['ports', 'domain'],
  transport: ['ports', 'domain'],
  sources: ['ports', 'domain'],
  store: ['ports', 'domain'],
  events: ['ports', 'domain'],
  secrets: ['ports', 'domain'],
  observe: ['ports', 'domain'],
  '.': [
    'http',
    'sync',
    'providers',
    'transport',
    'sources',
    'store',
    'events',
    'secrets',
    'observe',
    'ports',
    'domain',
  ],
};

/** Packages a room may use; a room that is not named may use any. Node's own pure modules count for `domain` and `sync`. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  domain: ['node:crypto', 'node:util'],
  ports: ['zod'],
  sync: [],
};

const AIR = /\b(Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|setInterval\(|randomUUID|fetch\()/;
const SOURCE = 'src';

function files(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}
function roomOf(file: string): string {
  const [room = '.', ...rest] = file.split('/');
  return rest.length === 0 ? '.' : room;
}
function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

describe('the architecture', () => {
  it('knows every room', () => {
    for (const file of files())
      assert.ok(roomOf(file) in MAY_IMPORT, `src/${file} is in a room without a rule`);
  });

  it('imports downwards only', () => {
    for (const file of files()) {
      const room = roomOf(file);
      for (const name of importsOf(file).filter((each) => each.startsWith('.'))) {
        const target = roomOf(relative(SOURCE, join(SOURCE, dirname(file), name)));
        const allowed = target === room || MAY_IMPORT[room]?.includes(target);
        assert.ok(allowed, `src/${file} (${room}) imports ${name} (${target})`);
      }
    }
  });

  it('keeps packages out of the ground floors', () => {
    for (const file of files()) {
      const allowed = PACKAGES[roomOf(file)];
      if (allowed === undefined) continue;
      for (const name of importsOf(file).filter((each) => !each.startsWith('.')))
        assert.ok(allowed.includes(name), `src/${file} uses ${name}`);
    }
  });

  it('reads neither clock nor chance nor network from the air in domain and sync', () => {
    for (const file of files().filter((each) => ['domain', 'sync'].includes(roomOf(each)))) {
      const found = AIR.exec(readFileSync(join(SOURCE, file), 'utf8'));
      assert.equal(found, null, `src/${file} uses ${found?.[0]}`);
    }
  });

  it('lets only transport open a connection to a tracker', () => {
    for (const file of files().filter((each) => !['transport', 'store', 'events'].includes(roomOf(each)))) {
      const text = importsOf(file).filter((name) =>
        ['undici', 'node:http', 'node:https', 'node:net'].includes(name),
      );
      assert.deepEqual(text, [], `src/${file}`);
    }
  });

  it('lets every property test take fast-check from one place, where its seed is set', () => {
    const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('clients/') && file !== 'properties.ts',
    );
    const others = tests.filter((file) =>
      /^import .*'fast-check'/m.test(readFileSync(join('test', file), 'utf8')),
    );
    assert.deepEqual(others, []);
  });
});
