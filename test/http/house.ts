import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { SignJWT } from 'jose';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { HttpConfig, HttpMetrics, HttpParts } from '../../src/http/parts.ts';
import { buildServer } from '../../src/http/server.ts';
import type { Role } from '../../src/http/auth.ts';
import type { UseCases } from '../../src/sync/use-cases.ts';

export const SECRET = 'a secret of the tests, long enough for HS256';
export const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

async function missing(): Promise<never> {
  throw new AppError('not-found', 'There is no such thing.');
}

/** Use cases of which every one answers "not found"; a test replaces the few it needs. */
export function emptyUseCases(given: Partial<UseCases> = {}): UseCases {
  return {
    integrations: {
      create: missing,
      get: missing,
      list: async () => ({ items: [] }),
      change: missing,
      remove: async () => {},
      status: missing,
      connect: async () => ({ ok: true, checks: [] }),
      webhookSecret: async () => ({ secret: 'told once', isRegistered: false }),
    },
    sync: { start: missing, wait: missing, plan: missing, runs: missing, run: missing, items: missing },
    undo: { preview: missing, start: missing },
    heldImports: { list: missing, confirm: missing, discard: missing },
    models: {
      import: missing,
      put: missing,
      get: missing,
      list: missing,
      remove: missing,
      file: missing,
      patch: missing,
    },
    threats: { list: async () => ({ items: [] }), get: missing, update: missing, updateMitigation: missing },
    links: { list: missing, create: missing, remove: missing, release: missing },
    explanations: { link: missing, threat: missing },
    deadLetters: { list: missing, retry: missing, discard: missing },
    conflicts: {
      list: async () => ({ items: [] }),
      groups: async () => [],
      resolve: missing,
      resolveMany: missing,
    },
    deliveries: { list: missing, replay: missing },
    webhooks: {
      receive: async () => {
        throw new AppError('webhook-refused', 'The signature is wrong.');
      },
    },
    audit: { after: async () => [] },
    events: { after: async () => [], lastSequence: async () => 0, subscribe: () => () => {} },
    idempotency: {
      begin: async () => ({ kind: 'new' }),
      finish: async () => {},
      forget: async () => {},
    },
    health: {
      check: async () => ({
        ready: true,
        durability: 'process crash',
        parts: { database: { state: 'up' }, events: { state: 'none' }, worker: { state: 'up' } },
      }),
    },
    ...given,
  };
}

interface Logged {
  level: 'info' | 'warn' | 'error';
  data: object;
  message: string;
}

export interface TestHouse {
  app: FastifyInstance;
  logged: Logged[];
  requests: Parameters<HttpMetrics['observeRequest']>[0][];
  errors: string[];
}

/** A server over the given use cases, with nothing behind it. */
export async function openHouse(
  options: {
    useCases?: Partial<UseCases>;
    config?: Partial<HttpConfig>;
    sleep?: HttpParts['clock']['sleep'];
    keySet?: HttpParts['keySet'];
  } = {},
): Promise<TestHouse> {
  const logged: Logged[] = [];
  const requests: TestHouse['requests'] = [];
  const errors: string[] = [];
  const log = (level: Logged['level']) => (data: object, message: string) =>
    void logged.push({ level, data, message });
  const app = await buildServer({
    useCases: emptyUseCases(options.useCases),
    config: {
      jwtSecret: new Secret(SECRET),
      tenantClaim: 'organizationId',
      rolesClaim: 'roles',
      tenancy: 'single',
      allowedOrigins: ['http://localhost:3000'],
      rateLimit: { max: 100_000, windowMs: 60_000 },
      trustedProxies: [],
      version: '0.0.0-test',
      ...options.config,
    },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: {
      observeRequest: (labels) => void requests.push(labels),
      countError: (code) => void errors.push(code),
      render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    },
    clock: {
      now: () => new Date(),
      elapsed: () => performance.now(),
      sleep: options.sleep ?? ((ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal })),
    },
    chance: {
      uuid: () => randomUUID(),
      fraction: () => 0.5,
      hex: (bytes) => randomBytes(bytes).toString('hex'),
    },
    ...(options.keySet === undefined ? {} : { keySet: options.keySet }),
    cloudEvent: (event) => ({
      specversion: '1.0',
      id: event.id,
      type: event.type,
      subject: event.subject,
      data: event.data,
    }),
  });
  return { app, logged, requests, errors };
}

/** A genuine token; `claims` are added, `undefined` ones left out. */
export async function token(role?: Role, claims: Record<string, unknown> = {}): Promise<string> {
  const roles = role === undefined ? {} : { roles: [role] };
  return new SignJWT({ sub: 'tester', ...roles, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(SECRET));
}

export async function bearer(role?: Role, claims: Record<string, unknown> = {}) {
  return { authorization: `Bearer ${await token(role, claims)}` };
}
