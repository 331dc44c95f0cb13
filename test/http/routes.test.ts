import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { z } from 'zod';
import { bearer, ID, openHouse } from './house.ts';

const viewer = 'viewer';
const operator = 'operator';
const admin = 'admin';

/** The published contract: method, path, and the least role (none: open, or proven in another way). */
const CONTRACT: readonly (readonly [string, string, ('viewer' | 'operator' | 'admin')?])[] = [
  ['GET', '/api/integrations', viewer],
  ['POST', '/api/integrations', admin],
  ['POST', '/api/integrations/connect', admin],
  ['POST', '/api/integrations/{id}/webhook-secret', admin],
  ['GET', '/api/integrations/{id}', viewer],
  ['PUT', '/api/integrations/{id}', admin],
  ['DELETE', '/api/integrations/{id}', admin],
  ['GET', '/api/integrations/{id}/status', viewer],
  ['POST', '/api/integrations/{id}/sync', operator],
  ['POST', '/api/integrations/{id}/plan', operator],
  ['GET', '/api/integrations/{id}/runs', viewer],
  ['GET', '/api/integrations/{id}/links', viewer],
  ['POST', '/api/integrations/{id}/links', operator],
  ['GET', '/api/integrations/{id}/deliveries', viewer],
  ['GET', '/api/integrations/{id}/dead-letters', viewer],
  ['POST', '/api/integrations/{id}/dead-letters/retry', operator],
  ['POST', '/api/integrations/{id}/dead-letters/discard', operator],
  ['GET', '/api/threat-models', viewer],
  ['POST', '/api/threat-models/import', operator],
  ['GET', '/api/threat-models/{id}', viewer],
  ['PUT', '/api/threat-models/{id}', operator],
  ['DELETE', '/api/threat-models/{id}', operator],
  ['GET', '/api/threat-models/{id}/file', viewer],
  ['GET', '/api/threat-models/{id}/patch', viewer],
  ['GET', '/api/held-imports', viewer],
  ['POST', '/api/held-imports/{id}/confirmation', operator],
  ['DELETE', '/api/held-imports/{id}', operator],
  ['GET', '/api/threats', viewer],
  ['GET', '/api/threats/{id}', viewer],
  ['PATCH', '/api/threats/{id}', operator],
  ['PATCH', '/api/threats/{id}/mitigations/{key}', operator],
  ['GET', '/api/threats/{id}/explanation', viewer],
  ['DELETE', '/api/links/{id}', operator],
  ['POST', '/api/links/{id}/fields/{field}/release', operator],
  ['GET', '/api/links/{id}/explanation', viewer],
  ['GET', '/api/runs/{id}', viewer],
  ['GET', '/api/runs/{id}/undo', viewer],
  ['POST', '/api/runs/{id}/undo', operator],
  ['GET', '/api/conflicts', viewer],
  ['GET', '/api/conflicts/groups', viewer],
  ['POST', '/api/conflicts/resolve', operator],
  ['POST', '/api/conflicts/{id}/resolution', operator],
  ['POST', '/api/deliveries/{id}/replay', operator],
  ['GET', '/api/events', viewer],
  ['GET', '/api/audit', admin],
  ['POST', '/webhooks/{provider}/{id}'],
  ['GET', '/health'],
  ['GET', '/health/ready'],
  ['GET', '/health/live'],
  ['GET', '/metrics'],
  ['GET', '/problems/{code}'],
];

const RANK = ['viewer', 'operator', 'admin'];
const Method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

describe('the routes', async () => {
  const { app } = await openHouse();
  after(() => app.close());
  const guarded = CONTRACT.filter(([, , role]) => role !== undefined);
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    app.inject({ method: Method.parse(method), url: path.replace('{id}', ID), headers });

  it('are exactly the published ones', () => {
    const { paths } = Document.parse(app.swagger());
    const said = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(said.toSorted(), CONTRACT.map(([method, path]) => `${method} ${path}`).toSorted());
  });

  for (const [method, path, least] of guarded) {
    it(`${method} ${path} needs a token`, async () => {
      assert.equal((await ask(method, path, {})).statusCode, 401);
    });

    for (const role of [viewer, operator, admin] as const) {
      if (role === admin || path === '/api/events') continue;
      const may = RANK.indexOf(role) >= RANK.indexOf(least ?? admin);
      it(`${method} ${path} ${may ? 'lets' : 'does not let'} a ${role} in`, async () => {
        const answer = await ask(method, path, await bearer(role));
        assert.equal(answer.statusCode === 403, !may, answer.body);
      });
    }
  }

  it('answer 404 for an id that is nobody’s, and 400 for one that is no id', async () => {
    const headers = await bearer('admin');
    const found = await app.inject({ url: `/api/integrations/${ID}`, headers });
    assert.equal(found.statusCode, 404);
    assert.equal(found.json().code, 'not-found');
    const odd = await app.inject({ url: '/api/integrations/1%20or%201=1', headers });
    assert.equal(odd.statusCode, 400);
    assert.deepEqual(odd.json().errors, [{ pointer: '/id', detail: 'Path: Invalid UUID' }]);
  });

  it('answer 404 at unknown addresses and 405 where another method would do', async () => {
    for (const url of ['/', '/api', '/api/nothing', '/api/integrations/a/b/c', '/webhooks', '/api/../etc'])
      assert.equal((await app.inject({ url })).json().code, 'not-found', url);
    const answer = await app.inject({ method: 'PATCH', url: `/api/integrations/${ID}` });
    assert.equal(answer.statusCode, 405);
    assert.equal(answer.headers['allow'], 'GET, HEAD, PUT, DELETE');
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal((await app.inject({ url: `/webhooks/github/${ID}` })).statusCode, 405);
  });

  it('answer a broken address with a problem', async () => {
    const answer = await app.inject({ url: '/api/integrations/%zz' });
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.json().code, 'invalid-request');
    const nul = await app.inject({ url: '/api/threats?search=a%00b', headers: await bearer('viewer') });
    assert.equal(nul.statusCode, 400);
  });
});
