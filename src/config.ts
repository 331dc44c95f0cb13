import { diskFiles, type ConfigFiles } from './config-files.ts';
import { collect, mistakes, parse, variableNames, type Environment } from './config-mistakes.ts';
import type { VariableName, Variables } from './config-schema.ts';
import { messageOf } from './domain/errors.ts';
import { Secret } from './domain/secret.ts';

/** The whole configuration, checked; nobody else reads the environment. */
export interface Config {
  environment: 'development' | 'production' | 'test';
  port: number;
  host: string;
  logLevel: Variables['LOG_LEVEL'];
  /** Where PGlite and the development secrets live. */
  dataDir: string;
  /** Of PostgreSQL; absent means PGlite in `dataDir`. */
  databaseUrl?: Secret;
  /** Absent: events stay in this process. */
  redisUrl?: Secret;
  jwtSecret: Secret;
  jwtIssuer?: string;
  jwtAudience?: string;
  /** Where the keys of an identity provider are published. */
  jwksUrl?: string;
  jwtMaxAgeMs?: number;
  tenantClaim: string;
  rolesClaim: string;
  tenancy: 'single' | 'multi';
  /** 64 hex characters. */
  encryptionKey: Secret;
  /** Open what they sealed; nothing is sealed with them any more. */
  oldEncryptionKeys: readonly Secret[];
  allowedOrigins: readonly string[];
  rateLimit: { readonly max: number; readonly windowMs: number };
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  trackers: {
    readonly allowedCidrs: readonly string[];
    readonly allowHttp: boolean;
    /** The way out for https. */
    readonly proxy?: {
      readonly url: Secret;
      readonly except: readonly string[];
      readonly resolves: readonly string[];
    };
  };
  publicUrl?: string;
  /** Where the platform's models are fetched. */
  platform?: { readonly url: string; readonly token?: Secret };
  metricsToken?: Secret;
  syncPaused: boolean;
  retention: { readonly deliveryDays: number; readonly eventDays: number; readonly runDays: number };
  /** Secrets that nobody gave: made for development and kept in these files; worth a line in the log. */
  keptSecrets: readonly { readonly name: string; readonly path: string; readonly isNew: boolean }[];
}

/** The configuration of this process. Throws as `readConfig`. */
export function loadConfig(): Readonly<Config> {
  return readConfig(process.env, diskFiles);
}

/** What `--print-config` shows for this process. Makes and changes nothing. Throws as `readConfig`. */
export function printConfig(): string {
  return describeConfig(process.env, diskFiles);
}

/**
 * Throws an `AppError` `invalid-request` that tells every mistake by name and never a value. In development it
 * makes missing secrets and keeps them in `DATA_DIR`.
 */
export function readConfig(env: Environment, files: ConfigFiles): Readonly<Config> {
  const { texts, faults } = collect(env, files);
  const given = parse(texts, faults);
  const kept: Config['keptSecrets'][number][] = [];
  const secretOf = (name: 'JWT_SECRET' | 'ENCRYPTION_KEY'): Secret => {
    const value = given[name];
    if (value !== undefined) return value;
    const made = keep(files, given.DATA_DIR, name);
    kept.push({ name, path: made.path, isNew: made.isNew });
    return made.secret;
  };
  const [databaseUrl, redisUrl, platform] = [databaseUrlOf(given), redisUrlOf(given), platformOf(given)];
  return Object.freeze({
    environment: given.NODE_ENV,
    port: given.PORT,
    host: given.HOST,
    logLevel: given.LOG_LEVEL,
    dataDir: given.DATA_DIR,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    jwtSecret: secretOf('JWT_SECRET'),
    ...(given.JWT_ISSUER === undefined ? {} : { jwtIssuer: given.JWT_ISSUER }),
    ...(given.JWT_AUDIENCE === undefined ? {} : { jwtAudience: given.JWT_AUDIENCE }),
    ...(given.JWT_JWKS_URL === undefined ? {} : { jwksUrl: given.JWT_JWKS_URL }),
    ...(given.JWT_MAX_AGE === undefined ? {} : { jwtMaxAgeMs: given.JWT_MAX_AGE }),
    tenantClaim: given.JWT_TENANT_CLAIM,
    rolesClaim: given.JWT_ROLES_CLAIM,
    tenancy: given.TENANCY,
    encryptionKey: secretOf('ENCRYPTION_KEY'),
    oldEncryptionKeys: given.ENCRYPTION_KEYS_OLD,
    allowedOrigins: given.ALLOWED_ORIGINS,
    rateLimit: { max: given.RATE_LIMIT_MAX, windowMs: given.RATE_LIMIT_WINDOW },
    trustedProxies: given.TRUSTED_PROXIES,
    trackers: trackersOf(given),
    ...(given.PUBLIC_URL === undefined ? {} : { publicUrl: given.PUBLIC_URL }),
    ...(platform === undefined ? {} : { platform }),
    ...(given.METRICS_TOKEN === undefined ? {} : { metricsToken: given.METRICS_TOKEN }),
    syncPaused: given.SYNC_PAUSED,
    retention: {
      deliveryDays: given.DELIVERY_RETENTION_DAYS,
      eventDays: given.EVENT_RETENTION_DAYS,
      runDays: given.RUN_RETENTION_DAYS,
    },
    keptSecrets: kept,
  });
}

/** One `NAME=value` a line, secrets masked. */
export function describeConfig(env: Environment, files: ConfigFiles): string {
  const { texts, faults } = collect(env, files);
  const given = parse(texts, faults);
  return variableNames()
    .map((name) => `${name}=${shown(name, given)}`)
    .join('\n');
}

const SERVER_URLS: ReadonlySet<VariableName> = new Set(['DATABASE_URL', 'REDIS_URL', 'HTTPS_PROXY']);

function shown(name: VariableName, given: Variables): string {
  const value = given[name];
  if (SERVER_URLS.has(name) && value instanceof Secret)
    return new URL(value.reveal()).host + ' [the rest is secret]';
  if (value === undefined && (name === 'JWT_SECRET' || name === 'ENCRYPTION_KEY'))
    return `[made once, kept in ${given.DATA_DIR}]`;
  return String(value ?? '');
}

function keep(files: ConfigFiles, directory: string, name: 'JWT_SECRET' | 'ENCRYPTION_KEY') {
  const { value, path, isNew } = keptOr(files, directory, name);
  if (/^[0-9a-f]{64}$/.test(value)) return { secret: new Secret(value), path, isNew };
  throw mistakes([
    { pointer: name, detail: `${path} is damaged; restore it, or delete it and what was sealed with it` },
  ]);
}

function keptOr(files: ConfigFiles, directory: string, name: string) {
  try {
    return files.keep(directory, name);
  } catch (error) {
    throw mistakes([
      {
        pointer: 'DATA_DIR',
        detail: `${name} cannot be kept there (${messageOf(error)}); give ${name} or another directory`,
      },
    ]);
  }
}

function databaseUrlOf({
  DATABASE_URL,
  DB_HOST,
  DB_PORT,
  DB_NAME,
  DB_USER,
  DB_PASSWORD,
}: Variables): Secret | undefined {
  if (DATABASE_URL !== undefined || DB_HOST === undefined) return DATABASE_URL;
  const password = DB_PASSWORD === undefined ? '' : `:${encodeURIComponent(DB_PASSWORD.reveal())}`;
  const account = `${encodeURIComponent(DB_USER ?? '')}${password}`;
  return new Secret(
    `postgres://${account}@${bracketed(DB_HOST)}:${DB_PORT}/${encodeURIComponent(DB_NAME ?? '')}`,
  );
}

function redisUrlOf({ REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_PASSWORD }: Variables): Secret | undefined {
  if (REDIS_URL !== undefined || REDIS_HOST === undefined) return REDIS_URL;
  const password = REDIS_PASSWORD === undefined ? '' : `:${encodeURIComponent(REDIS_PASSWORD.reveal())}@`;
  return new Secret(`redis://${password}${bracketed(REDIS_HOST)}:${REDIS_PORT}`);
}

function trackersOf(given: Variables): Config['trackers'] {
  const url = given.HTTPS_PROXY;
  const proxy =
    url === undefined ? {} : { proxy: { url, except: given.NO_PROXY, resolves: given.PROXY_RESOLVES } };
  return { allowedCidrs: given.TRACKER_ALLOWED_CIDRS, allowHttp: given.TRACKER_ALLOW_HTTP, ...proxy };
}

function platformOf({
  THREAT_MODEL_API_URL: url,
  THREAT_MODEL_API_TOKEN: token,
}: Variables): Config['platform'] {
  return url === undefined ? undefined : { url, ...(token === undefined ? {} : { token }) };
}

/** An IPv6 address as a URL needs it. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
