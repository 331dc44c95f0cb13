import { readFileSync } from 'node:fs';
import { Secret } from '../../../src/domain/secret.ts';
import { givenKeys } from '../../../src/secrets/keys.ts';
import { makeVault } from '../../../src/secrets/vault.ts';
import { credentialContext } from '../../../src/sync/credentials.ts';
import { webhookContext } from '../../../src/sync/session.ts';
import { bearer } from '../../http/house.ts';
import { furnish, tenantName } from '../../store/fixtures.ts';
import { KEY, type House } from '../service.ts';

/** Somebody with something of every kind, whose things the fuzzed requests are about. */
export interface Tenant {
  headers: Readonly<Record<string, string>>;
  /** By the word of the API's paths. */
  ids: ReadonlyMap<string, readonly string[]>;
}

const TABLES: Readonly<Record<string, string>> = {
  integrations: 'integrations',
  runs: 'runs',
  links: 'links',
  threats: 'threats',
  'threat-models': 'models',
  'held-imports': 'held_imports',
  conflicts: 'conflicts',
  deliveries: 'deliveries',
};

const CONFIG = { baseUrl: 'https://tracker.example/api/v3', owner: 'o', repo: 'r', labels: ['threat-model'] };

export async function newTenant(house: House): Promise<Tenant> {
  const name = tenantName();
  const { service, stage } = house;
  for (const enabled of [true, false]) {
    const { integration } = await furnish(stage.store, name, { config: CONFIG, enabled });
    const vault = makeVault(givenKeys({ current: new Secret(KEY) }));
    const sealed = {
      credentials: await vault.seal(
        new Secret(JSON.stringify({ type: 'token', token: 'ghp_fuzzed' })),
        credentialContext(name, integration.id),
      ),
      webhookSecrets: [await vault.seal(new Secret('hook'), webhookContext(name, integration.id))],
    };
    await stage.store.tenant(name).transact((tx) => tx.integrations.seal(integration.id, sealed));
  }
  const headers = await bearer('admin', { organizationId: name, sub: 'fuzzer' });
  const payload = readFileSync('demo/models/payments.json');
  await service.app.inject({
    method: 'POST',
    url: '/api/threat-models/import',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    payload,
  });
  const ids = new Map<string, readonly string[]>();
  await stage.sql.engine.session(async (session) => {
    await session.query("select set_config('role', $1, true)", [stage.sql.roles.owner]);
    for (const [word, table] of Object.entries(TABLES)) {
      const rows = await session.query(`select id::text as id from ${table} where tenant_id = $1`, [name]);
      ids.set(
        word,
        rows.map(({ id }) => String(id)),
      );
    }
  });
  return { headers, ids };
}
