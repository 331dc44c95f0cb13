import { z } from 'zod';
import { Secret } from './domain/secret.ts';

/** What people copy from examples; a signing secret like that protects nothing. */
const GUESSABLE =
  /^(.)\1*$|change.?me|your.?(jwt|secret|key)|super.?secret|jwt.?secret|secret.?key|example|password|12345678|^(test|dev(elopment)?)[-_ ]/i;

const secret = z.string().transform((value) => new Secret(value));
const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'])
  .transform((value) => ['true', '1', 'yes', 'on'].includes(value));
const port = z.coerce.number().int().min(0).max(65_535);
const days = z.coerce.number().int().min(1).max(3650);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
);
/** Written by hand and by many programs: commas or spaces between. */
const names = z.string().transform((value) => value.split(/[\s,]+/).filter((each) => each !== ''));
const webUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/[?#@]/.test(url), 'without user name, query and fragment')
  .transform((url) => url.replace(/\/+$/, ''));
const network = z.union([z.cidrv4(), z.cidrv6()], { error: 'write networks like 10.0.0.0/8 or fd00::/8' });

const proxy = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'write addresses or networks like 10.0.0.7 or 10.0.0.0/8',
});

function serverUrl(protocol: RegExp, example: string) {
  return z.url({ protocol, error: `write it like ${example}` }).transform((value) => new Secret(value));
}

function isProxy(text: string): boolean {
  const { pathname, search, hash, username, password } = new URL(text);
  const isEncoded = !/%(?![0-9a-f]{2})/i.test(username + password);
  return isEncoded && (pathname === '/' || pathname === '') && search === '' && hash === '';
}

/** `1m`, `30s`, `2h`, or plain milliseconds; answers milliseconds. */
const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h)?$/, 'write it like 1m, 30s or 60000 (milliseconds)')
  .transform((value) => {
    const [, amount = '0', unit = 'ms'] = /^(\d+)(ms|s|m|h)?$/.exec(value) ?? [];
    return Number(amount) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 1);
  })
  .refine((ms) => ms >= 1000, 'at least one second');

/** Every variable the service reads, as text; each may also come from the file that `NAME_FILE` names. */
export const VARIABLES = {
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: port.default(3008),
  HOST: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: serverUrl(/^postgres(ql)?$/, 'postgres://user:password@host:5432/name').optional(),
  DB_HOST: z.string().min(1).optional(),
  DB_PORT: port.default(5432),
  DB_NAME: z.string().min(1).optional(),
  DB_USER: z.string().min(1).optional(),
  DB_PASSWORD: secret.optional(),
  REDIS_URL: serverUrl(/^rediss?$/, 'redis://:password@host:6379').optional(),
  REDIS_HOST: z.string().min(1).optional(),
  REDIS_PORT: port.default(6379),
  REDIS_PASSWORD: secret.optional(),
  JWT_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'at least 32 bytes')
    .refine((value) => !GUESSABLE.test(value), 'a well-known or guessable value; make a random one')
    .transform((value) => new Secret(value))
    .optional(),
  JWT_JWKS_URL: webUrl.optional(),
  JWT_MAX_AGE: duration.optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  JWT_TENANT_CLAIM: z.string().min(1).default('organizationId'),
  JWT_ROLES_CLAIM: z.string().min(1).default('roles'),
  TENANCY: z.enum(['single', 'multi']).default('single'),
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'exactly 64 hexadecimal characters')
    .refine((value) => !/^(.)\1*$/.test(value), 'all characters are the same; make a random one')
    .transform((value) => new Secret(value))
    .optional(),
  ENCRYPTION_KEYS_OLD: z
    .string()
    .transform((value) => value.split(',').map((each) => each.trim()))
    .pipe(
      z.array(
        z
          .string()
          .regex(/^[0-9a-fA-F]{64}$/, 'exactly 64 hexadecimal characters')
          .transform((value) => new Secret(value)),
      ),
    )
    .default([]),
  ALLOWED_ORIGINS: list
    .pipe(
      z.array(
        webUrl.refine((url) => new URL(url).origin === url, 'an origin such as https://app.example.com'),
      ),
    )
    .optional(),
  RATE_LIMIT_MAX: z.coerce.number().int().min(1).default(300),
  RATE_LIMIT_WINDOW: duration.default(60_000),
  TRUSTED_PROXIES: list.pipe(z.array(proxy)).default([]),
  TRACKER_ALLOWED_CIDRS: list.pipe(z.array(network)).default([]),
  TRACKER_ALLOW_HTTP: flag.default(false),
  HTTPS_PROXY: z
    .url({ protocol: /^https?$/, error: 'write it like http://user:password@host:3128' })
    .refine(isProxy, 'without path, query and fragment; % in user or password is written %25')
    .transform((value) => new Secret(value))
    .optional(),
  NO_PROXY: names.default([]),
  PROXY_RESOLVES: list.default([]),
  PUBLIC_URL: webUrl.optional(),
  THREAT_MODEL_API_URL: webUrl.optional(),
  THREAT_MODEL_API_TOKEN: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  SYNC_PAUSED: flag.default(false),
  DELIVERY_RETENTION_DAYS: days.default(7),
  EVENT_RETENTION_DAYS: days.default(30),
  RUN_RETENTION_DAYS: days.default(365),
} satisfies Record<string, z.ZodType>;

export type VariableName = keyof typeof VARIABLES;

const DEVELOPMENT_ORIGINS = ['http://localhost:3000', 'http://localhost:3006'];

/** All variables, those whose default depends on the environment included. */
export const Variables = z.object(VARIABLES).transform((given) => {
  const isPublic = given.NODE_ENV === 'production';
  return {
    ...given,
    HOST: given.HOST ?? (isPublic ? '0.0.0.0' : '127.0.0.1'),
    ALLOWED_ORIGINS: given.ALLOWED_ORIGINS ?? (isPublic ? [] : DEVELOPMENT_ORIGINS),
  };
});
export type Variables = z.infer<typeof Variables>;
