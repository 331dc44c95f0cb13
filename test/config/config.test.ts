import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { fc } from '../properties.ts';
import { diskFiles, type ConfigFiles } from '../../src/config-files.ts';
import { variableNames } from '../../src/config-mistakes.ts';
import { describeConfig, readConfig } from '../../src/config.ts';
import { AppError } from '../../src/domain/errors.ts';

const JWT = '3f9b6c2e8d1a4b7095e3c8f26a1d4e7b9c0f5a8e2d6b1c4f7a3e9d0b5c8f2a61';
const KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeeff00';
const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: JWT, ENCRYPTION_KEY: KEY };

const folder = mkdtempSync(join(tmpdir(), 'tmi-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** No file is there, and nothing may be made. */
const noFiles: ConfigFiles = {
  read: () => {
    throw new Error('none');
  },
  keep: () => {
    throw new Error('read-only');
  },
};

function mistakesOf(env: Record<string, string>, files = noFiles): string {
  try {
    readConfig(env, files);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error.message;
  }
  return '';
}

const proxyIn = (env: Record<string, string>) =>
  readConfig({ ...PRODUCTION, ...env }, noFiles).trackers.proxy;

describe('the configuration', () => {
  it('has defaults for a developer who sets nothing', () => {
    const config = readConfig({ DATA_DIR: join(folder, 'defaults') }, diskFiles);
    assert.equal(config.port, 3008);
    assert.equal(config.host, '127.0.0.1');
    assert.deepEqual(config.allowedOrigins, ['http://localhost:3000', 'http://localhost:3006']);
    assert.deepEqual(config.rateLimit, { max: 300, windowMs: 60_000 });
    assert.deepEqual(config.trackers, { allowedCidrs: [], allowHttp: false });
    assert.equal(config.tenantClaim, 'organizationId');
    assert.equal('databaseUrl' in config, false);
    assert.ok(Object.isFrozen(config));
  });

  it('listens to everybody and trusts no origin in production', () => {
    const config = readConfig(PRODUCTION, noFiles);
    assert.equal(config.host, '0.0.0.0');
    assert.deepEqual(config.allowedOrigins, []);
    assert.deepEqual(config.keptSecrets, []);
  });

  it('makes development secrets once, for the owner only, and says where they are', () => {
    const env = { DATA_DIR: join(folder, 'kept') };
    const first = readConfig(env, diskFiles);
    const second = readConfig(env, diskFiles);
    assert.equal(first.jwtSecret.reveal(), second.jwtSecret.reveal());
    assert.match(first.encryptionKey.reveal(), /^[0-9a-f]{64}$/);
    assert.notEqual(first.jwtSecret.reveal(), first.encryptionKey.reveal());
    assert.deepEqual(
      first.keptSecrets.map(({ name, isNew }) => [name, isNew]),
      [
        ['JWT_SECRET', true],
        ['ENCRYPTION_KEY', true],
      ],
    );
    for (const { path, isNew } of second.keptSecrets) {
      assert.equal(isNew, false);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
  });

  it('refuses a damaged development secret instead of making a new one', () => {
    const env = { DATA_DIR: join(folder, 'damaged') };
    const [kept] = readConfig(env, diskFiles).keptSecrets;
    writeFileSync(kept?.path ?? '', 'abc');
    assert.match(mistakesOf(env, diskFiles), /JWT_SECRET: .*damaged/);
  });

  it('refuses to start in production without secrets, with the line that helps', () => {
    const message = mistakesOf({ NODE_ENV: 'production', DATA_DIR: join(folder, 'never') }, diskFiles);
    assert.match(message, /-e JWT_SECRET=… -e ENCRYPTION_KEY=… threat-model-integration/);
    assert.match(message, /openssl rand -hex 32/);
    assert.throws(() => statSync(join(folder, 'never')), 'and makes no data directory');
  });

  it('tells all mistakes at once by name, and never a value', () => {
    const wrong = {
      NODE_ENV: 'canary-staging',
      PORT: 'canary-70000',
      LOG_LEVEL: 'canary-loud',
      DATABASE_URL: 'mysql://canary',
      DB_PORT: '-1',
      REDIS_URL: 'canary://x',
      JWT_SECRET: 'canary-short',
      TENANCY: 'canary-both',
      ENCRYPTION_KEY: 'canary',
      ALLOWED_ORIGINS: 'http://ok.example,canary-origin',
      RATE_LIMIT_MAX: '0',
      RATE_LIMIT_WINDOW: 'canary',
      TRACKER_ALLOWED_CIDRS: '10.0.0.0/8,canary/99',
      TRACKER_ALLOW_HTTP: 'canary',
      HTTPS_PROXY: 'socks5://canary',
      PUBLIC_URL: 'ftp://canary',
      THREAT_MODEL_API_URL: 'https://user:canary@x.example',
      SYNC_PAUSED: 'canary',
      DELIVERY_RETENTION_DAYS: '0.5',
      EVENT_RETENTION_DAYS: '0',
      RUN_RETENTION_DAYS: 'canary',
    };
    const message = mistakesOf({ ...wrong, DB_NAME: 'x', DATABASE_URL: '' }) + mistakesOf(wrong);
    assert.match(message, /DB_HOST: missing/);
    for (const name of Object.keys(wrong)) assert.match(message, new RegExp(`^  ${name}: `, 'm'));
    assert.match(message, /ALLOWED_ORIGINS: item 2/);
    assert.doesNotMatch(message, /canary/);
  });

  it('takes no guessable signing secret and no key that is no key', () => {
    const secrets = [
      'x'.repeat(64),
      'change-me-change-me-change-me-change-me',
      'your-jwt-secret-your-jwt-secret-1234',
      'development-secret-development-secret',
      'p'.repeat(31),
    ];
    for (const JWT_SECRET of secrets)
      assert.match(mistakesOf({ ...PRODUCTION, JWT_SECRET }), /JWT_SECRET: /, JWT_SECRET);
    for (const ENCRYPTION_KEY of [
      '0'.repeat(64),
      KEY.slice(1),
      `${KEY}0`,
      `${KEY.slice(1)}g`,
      ` ${KEY.slice(1)}`,
    ])
      assert.match(mistakesOf({ ...PRODUCTION, ENCRYPTION_KEY }), /ENCRYPTION_KEY: /, ENCRYPTION_KEY);
    assert.match(mistakesOf({ ...PRODUCTION, JWT_SECRET: KEY.toUpperCase() }), /the same as JWT_SECRET/);
  });

  it('reads every variable from the file that NAME_FILE names', () => {
    const path = join(folder, 'jwt');
    writeFileSync(path, `${JWT}\n`);
    const { JWT_SECRET: _, ...rest } = PRODUCTION;
    assert.equal(readConfig({ ...rest, JWT_SECRET_FILE: path }, diskFiles).jwtSecret.reveal(), JWT);
    assert.match(
      mistakesOf({ ...PRODUCTION, JWT_SECRET_FILE: path }, diskFiles),
      /also set by JWT_SECRET_FILE/,
    );
    assert.match(mistakesOf({ ...PRODUCTION, PORT_FILE: '/nowhere' }), /PORT_FILE: names a file/);
  });

  it('takes an empty variable for one that is not set', () => {
    assert.equal(readConfig({ ...PRODUCTION, PORT: '', REDIS_URL: '' }, noFiles).port, 3008);
  });

  it('builds URLs from parts, whatever the password holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (password) => {
        const parts = { DB_HOST: 'db', DB_NAME: 'tmi', DB_USER: 'me@x', DB_PASSWORD: password };
        const config = readConfig(
          { ...PRODUCTION, ...parts, REDIS_HOST: '::1', REDIS_PASSWORD: password },
          noFiles,
        );
        const database = new URL(config.databaseUrl?.reveal() ?? '');
        const redis = new URL(config.redisUrl?.reveal() ?? '');
        assert.equal(decodeURIComponent(database.password), password);
        assert.equal(decodeURIComponent(redis.password), password);
        assert.equal(database.host, 'db:5432');
        assert.equal(redis.host, '[::1]:6379');
      }),
    );
  });

  it('says which part of a database address is missing', () => {
    assert.match(mistakesOf({ ...PRODUCTION, DB_HOST: 'db' }), /DB_NAME: missing.*\n.*DB_USER: missing/);
    assert.match(mistakesOf({ ...PRODUCTION, REDIS_PASSWORD: 'x' }), /REDIS_HOST: missing/);
    assert.match(mistakesOf({ ...PRODUCTION, THREAT_MODEL_API_TOKEN: 'x' }), /THREAT_MODEL_API_URL: missing/);
    assert.match(mistakesOf({ ...PRODUCTION, PROXY_RESOLVES: '*' }), /HTTPS_PROXY: missing/);
  });

  it('has a way out for https only where one is named', () => {
    assert.equal(proxyIn({ NO_PROXY: 'localhost' }), undefined);
    const HTTPS_PROXY = 'http://us%40corp:p%25@[fd00::1]:3128';
    const proxy = proxyIn({
      HTTPS_PROXY,
      NO_PROXY: 'localhost, .corp  10.0.0.0/8,',
      PROXY_RESOLVES: 'a.example, *',
    });
    assert.equal(proxy?.url.reveal(), HTTPS_PROXY);
    assert.deepEqual(proxy.except, ['localhost', '.corp', '10.0.0.0/8']);
    assert.deepEqual(proxy.resolves, ['a.example', '*']);
    for (const wrong of ['proxy:3128', 'http://p/path', 'http://p/?q', 'http://us:100%@p', 'ftp://p'])
      assert.match(mistakesOf({ ...PRODUCTION, HTTPS_PROXY: wrong }), /HTTPS_PROXY: /, wrong);
  });

  it('prints itself with every name and no secret, making nothing', () => {
    const env = {
      ...PRODUCTION,
      DATABASE_URL: 'postgres://me:canary-1@db.example:5433/tmi?password=canary-2',
      REDIS_PASSWORD: 'canary-3',
      REDIS_HOST: 'redis',
      METRICS_TOKEN: 'canary-4',
      HTTPS_PROXY: 'http://me:canary-5@proxy.example:3128',
    };
    const text = describeConfig(env, noFiles);
    assert.deepEqual(
      text.split('\n').map((line) => line.split('=')[0]),
      variableNames(),
    );
    assert.match(text, /^DATABASE_URL=db\.example:5433 \[the rest is secret\]$/m);
    assert.match(text, /^HTTPS_PROXY=proxy\.example:3128 \[the rest is secret\]$/m);
    assert.match(text, /^PORT=3008$/m);
    assert.doesNotMatch(text, new RegExp(`canary|${JWT}|${KEY}`));
    assert.match(describeConfig({}, noFiles), /^JWT_SECRET=\[made once, kept in .\/data\]$/m);
    const config = readConfig(env, noFiles);
    assert.doesNotMatch(inspect(config) + JSON.stringify(config), new RegExp(`canary|${JWT}|${KEY}`));
  });
});

describe('.env.example', () => {
  it('lists every variable once, and nothing else', () => {
    const listed = readFileSync('.env.example', 'utf8')
      .split('\n')
      .flatMap((line) => /^#? ?([A-Z_]+)=/.exec(line)?.[1] ?? []);
    assert.deepEqual(listed.toSorted(), variableNames().toSorted());
  });
});
