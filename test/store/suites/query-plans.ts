import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Given, SqlStage } from '../stage.ts';
import { HOST, aBoundLink, aModel, aThreat, settle, tenantName } from '../fixtures.ts';

/** Enough rows that reading the whole table would be the worse plan. */
const ROWS = 3000;

export function planSuite(given: Given<SqlStage>): void {
  describe('the plans of the app role', () => {
    it('use an index for what is filtered, in spite of row-level security', async () => {
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      const model = aModel();
      await given()
        .store.tenant(tenantId)
        .transact(async (tx) => {
          await tx.models.insert(model);
          await tx.threats.insert(Array.from({ length: ROWS }, () => aThreat(model.id)));
          for (let count = 0; count < 300; count += 1) await tx.links.insert(aBoundLink(id), HOST);
        });
      await given().sql.engine.session(async (session) => {
        await session.run(`set local role "${given().sql.roles.owner}"`);
        await session.run('analyze threats; analyze links');
      });
      const tenant = `tenant_id = '${tenantId}'`;
      const questions = {
        threats_by_status: `select id from threats where ${tenant} and status = 'accepted' order by number limit 51`,
        threats_by_severity: `select id from threats where ${tenant} and severity = 'low' order by number limit 51`,
        threats_by_change: `select id from threats where ${tenant} and updated_at >= '2030-01-01'`,
        threats_tenant_id_number_key: `select id from threats where ${tenant} and number > 10 order by number limit 51`,
        links_by_issue: `select id from links where ${tenant} and integration_id = '${id}' and issue_id = any('{a,b}')`,
        links_by_threat: `select id from links where ${tenant} and threat_id = '${id}'`,
      };
      for (const [index, question] of Object.entries(questions)) {
        const plan = await given().sql.engine.session(async (session) => {
          await session.query("select set_config('role', $1, true), set_config('app.tenant', $2, true)", [
            given().sql.roles.app,
            tenantId,
          ]);
          return session.query(`explain ${question}`);
        });
        assert.ok(JSON.stringify(plan).includes(index), `${question}\n${JSON.stringify(plan, null, 1)}`);
      }
    });
  });
}
