import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectionTo, CONTEXT, never, serve, transportFor } from './world.ts';

async function told(status: number, authorization: string, json: object): Promise<string> {
  await using server = await serve((request, response, body) => {
    const message = JSON.stringify({ headers: request.headers, body });
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ message, errors: [message, 'a "very" good password'] }));
  });
  await using world = transportFor();
  const connection = {
    ...connectionTo(server.url),
    sign: () => ({ authorization, 'private-token': 'glpat-x1y2z3' }),
  };
  const { send } = world.transport.open(connection, CONTEXT);
  const answer = await send({ method: 'POST', path: '/', json }, never);
  return answer.text + JSON.stringify(answer.json);
}

describe('a tracker that repeats what it was sent', () => {
  const basic = Buffer.from('ann:a "very" good password').toString('base64');

  const json = { title: 'Credentials leak', config: { secret: 'hook-secret' }, refresh_token: 'refresh-me' };

  for (const status of [302, 400, 401, 404, 422])
    it(`does not make us show it: ${status}`, async () => {
      const text = await told(status, `Basic ${basic}`, json);
      for (const secret of [basic, 'very', 'good password', 'glpat-x1y2z3', 'hook-secret', 'refresh-me'])
        assert.ok(!text.includes(secret), `${secret} in ${text}`);
      assert.match(text, /\[secret\]/);
      assert.match(text, /Credentials leak/, 'what is no secret is left');
    });

  it('is believed where it is a success, in which new access comes', async () => {
    assert.match(await told(200, 'Bearer canary-token', json), /refresh-me/);
  });
});
