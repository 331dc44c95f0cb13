import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { compose, type Overrides, type Service } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Environment } from '../../src/config-mistakes.ts';
import type { Chance, Log } from '../../src/ports/clock.ts';
import { SECRET } from '../http/house.ts';
import { PGLITE, QUIET } from '../store/database.ts';
import type { SqlStage, TestEngine } from '../store/stage.ts';

/** Of `ENCRYPTION_KEY`. */
export const KEY = '2c'.repeat(32);

/** Retries do not wait. */
const HASTY: Chance = {
  uuid: () => randomUUID(),
  fraction: () => 0,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};

export interface House {
  service: Service;
  stage: SqlStage;
  admin: { authorization: string };
  /** Asks for JSON with JSON. */
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }>;
  close(): Promise<void>;
}

/** The whole service, as the environment says; on a database in memory where no other one is named. */
export async function openService(
  env: Environment = {},
  overrides: Omit<Overrides, 'store'> = {},
  log: Log = QUIET,
  engine: TestEngine<SqlStage> = PGLITE,
): Promise<House> {
  const stage = await engine.open();
  const given = {
    JWT_SECRET: SECRET,
    ENCRYPTION_KEY: KEY,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_MAX: '10000000',
    ...env,
  };
  const config = readConfig(given, {
    read: () => assert.fail('no file is named'),
    keep: () => assert.fail('both secrets are given'),
  });
  const service = await compose(config, log, {
    chance: HASTY,
    store: { ...stage.store, close: async () => undefined },
    ...overrides,
  });
  const token = await new SignJWT({ sub: 'attacker', roles: ['admin'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(given.JWT_SECRET));
  const admin = { authorization: `Bearer ${token}` };
  return {
    service,
    stage,
    admin,
    async ask(method, url, body) {
      const answer = await service.app.inject({
        method,
        url,
        headers: body === undefined ? admin : { ...admin, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, text: answer.body };
    },
    async close() {
      await service.close(1_000);
      await stage.close();
    },
  };
}
