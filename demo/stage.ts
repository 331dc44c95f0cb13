import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { startGithubSimulator, type GithubSimulator } from '../simulators/github/index.ts';
import { compose, type Service } from '../src/compose.ts';
import { diskFiles } from '../src/config-files.ts';
import { readConfig } from '../src/config.ts';
import { TIMINGS } from '../src/domain/timings.ts';
import { openLog } from '../src/observe/log.ts';
import { apiClient, type ApiClient } from './client.ts';

export const BOT = { login: 'threat-bot', token: 'ghp_demo' };
export const PLACE = { owner: 'acme', repo: 'payments' };

/** A GitHub, the service on its embedded database, and somebody with a token: all on loopback, all in this process. */
export interface Stage {
  github: GithubSimulator;
  service: Service;
  api: ApiClient;
  url: string;
  token: string;
  /** An admin's token for another tenant. */
  tokenFor(tenantId: string): Promise<string>;
  close(): Promise<void>;
}

/** Everything is as in the product but three waits, so that the demo ends within a minute: stated here and in its output. */
const DEMO_TIMINGS = { ...TIMINGS, quietMs: 2_000, pollMs: 200, missingGapMs: 2_000 };

export async function openStage(port: number): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'threat-model-demo-'));
  const config = readConfig(
    {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
      TRACKER_ALLOW_HTTP: 'true',
      RATE_LIMIT_MAX: '10000',
    },
    diskFiles,
  );
  const github = await startGithubSimulator();
  github.world.addUser(BOT);
  github.world.addRepository({
    owner: PLACE.owner,
    name: PLACE.repo,
    visibility: 'private',
    admin: [BOT.login],
  });
  const service = await compose(config, openLog({ level: config.logLevel, isPretty: false }), {
    timings: DEMO_TIMINGS,
  });
  const url = await service.app.listen({ port, host: '127.0.0.1' });
  const tokenFor = (tenantId: string): Promise<string> =>
    new SignJWT({ roles: ['admin'], organizationId: tenantId })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('demo')
      .setIssuedAt()
      .setExpirationTime('8h')
      .sign(new TextEncoder().encode(config.jwtSecret.reveal()));
  const token = await tokenFor('default');
  return {
    github,
    service,
    api: apiClient(url, token),
    url,
    token,
    tokenFor,
    async close() {
      await service.close();
      await github.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
