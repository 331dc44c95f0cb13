import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError, TrackerError } from '../../src/domain/errors.ts';
import { CODES } from '../../src/http/codes.ts';
import { bearer, emptyUseCases, ID, openHouse } from './house.ts';
import { INTEGRATION } from './samples.ts';

/** Ask a server whose use case throws this. */
async function answerTo(thrown: unknown) {
  const fail = async (): Promise<never> => {
    throw thrown;
  };
  const { integrations } = emptyUseCases();
  const house = await openHouse({ useCases: { integrations: { ...integrations, get: fail } } });
  after(() => house.app.close());
  const answer = await house.app.inject({
    url: `/api/integrations/${ID}`,
    headers: await bearer('viewer'),
  });
  return { ...house, answer, problem: answer.json() };
}

describe('a problem', () => {
  it('says status, title and retryable of its code, the message and the request', async () => {
    const { answer, problem, errors, logged } = await answerTo(
      new AppError('plan-outdated', 'Issue 42 has changed. Make a new plan.', {
        faults: [{ pointer: '/planId', detail: 'outdated' }],
      }),
    );
    assert.equal(answer.statusCode, 409);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.deepEqual(problem, {
      type: '/problems/plan-outdated',
      title: CODES['plan-outdated'].title,
      status: 409,
      detail: 'Issue 42 has changed. Make a new plan.',
      code: 'plan-outdated',
      requestId: answer.headers['x-request-id'],
      retryable: false,
      errors: [{ pointer: '/planId', detail: 'outdated' }],
    });
    assert.deepEqual(errors, ['plan-outdated']);
    assert.ok(logged.every((each) => each.level === 'info'));
  });

  it('tells nothing of an unexpected error, and the log everything but its properties', async () => {
    const thrown = Object.assign(new Error('connect to db.internal with hunter2 failed'), {
      parameters: ['ghp_secret'],
    });
    const { answer, problem, logged } = await answerTo(thrown);
    assert.equal(answer.statusCode, 500);
    assert.equal(problem.code, 'internal');
    assert.ok(!answer.body.includes('hunter2') && !answer.body.includes('.ts'));
    const entry = logged.find((each) => each.level === 'error');
    assert.match(JSON.stringify(entry), /hunter2.*problem\.test\.ts/);
    assert.ok(!JSON.stringify(entry).includes('ghp_secret'));
    assert.match(JSON.stringify(entry), new RegExp(problem.requestId));
  });

  it('is made of anything that is thrown, even of what is no error', async () => {
    for (const thrown of ['text', undefined, null, 42, { statusCode: 404, message: 'secret' }]) {
      const { answer, problem } = await answerTo(thrown);
      assert.equal(problem.code, 'internal', JSON.stringify(thrown));
      assert.ok(!answer.body.includes('secret'));
    }
  });

  it('is the service’s fault when an answer does not fit its own schema', async () => {
    const { integrations } = emptyUseCases();
    const { app } = await openHouse({
      useCases: {
        integrations: {
          ...integrations,
          list: async () => ({ items: [{ ...INTEGRATION, version: Number.NaN }] }),
        },
      },
    });
    after(() => app.close());
    const answer = await app.inject({ url: '/api/integrations', headers: await bearer('viewer') });
    assert.equal(answer.statusCode, 500);
    assert.equal(answer.json().code, 'internal');
  });

  it('says when to come back, where it is known', async () => {
    const resumeAt = new Date(Date.now() + 90_000).toISOString();
    const limited = await answerTo(
      new TrackerError('tracker-rate-limited', 'GitHub asked us to wait.', { arrived: 'no', resumeAt }),
    );
    assert.equal(limited.answer.statusCode, 503);
    assert.equal(limited.problem.retryable, true);
    const seconds = Number(limited.answer.headers['retry-after']);
    assert.ok(seconds > 80 && seconds <= 90, String(seconds));
    const down = await answerTo(new TrackerError('tracker-unreachable', 'No answer.', { arrived: 'maybe' }));
    assert.equal(down.answer.headers['retry-after'], '5');
  });

  it('has a page for its type', async () => {
    const { app } = await openHouse();
    after(() => app.close());
    for (const [code, entry] of Object.entries(CODES)) {
      const page = await app.inject({ url: `/problems/${code}` });
      assert.deepEqual(page.json(), { code, ...entry });
      assert.ok(entry.status >= 400 && entry.status < 600);
    }
    for (const code of ['nothing', '__proto__', 'toString', 'constructor'])
      assert.equal((await app.inject({ url: `/problems/${code}` })).statusCode, 404, code);
  });
});
