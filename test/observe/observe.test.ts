import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openLog } from '../../src/observe/log.ts';
import { openMetrics } from '../../src/observe/metrics.ts';

function logged(data: object, level: 'info' | 'silent' = 'info'): string {
  const lines: string[] = [];
  openLog({ level, isPretty: false, write: (line) => lines.push(line) }).info(data, 'Something happened');
  return lines.join('');
}

describe('the log', () => {
  it('writes one JSON object a line: time, level, a fixed message and the data', () => {
    const line = JSON.parse(logged({ integrationId: 'i1', count: 3 })) as unknown;
    assert.ok(typeof line === 'object' && line !== null && 'time' in line);
    assert.deepEqual(
      { ...line, time: '' },
      { time: '', level: 'info', integrationId: 'i1', count: 3, msg: 'Something happened' },
    );
  });

  it('hides what a name or a text gives away, at any depth', () => {
    const hidden = [
      { token: 'canary' },
      { a: { b: [{ c: { credentials: { type: 'token', token: 'canary' } } }] } },
      { headers: { Authorization: 'canary', 'x-hub-signature-256': 'sha256=canary' } },
      { url: 'https://me:canary@host/path' },
      { why: 'refused ghp_canaryCanary0123456789 here' },
      { why: 'sent Authorization: Bearer canary.canary.canary' },
      { secret: new Secret('canary'), wrapped: [new Secret('canary')] },
      { err: new AppError('internal', 'glpat-canary-canary-1', { cause: new Error('basic canarycanary') }) },
      { err: Object.assign(new Error('x'), { request: { headers: { cookie: 'canary' } } }) },
    ];
    for (const each of hidden) assert.doesNotMatch(logged(each), /canary/i, logged(each));
  });

  it('keeps what helps: error codes, causes, and counts under secret-looking names', () => {
    const line = logged({ err: new AppError('conflict', 'why', { cause: new Error('deep') }), tokens: 3 });
    assert.match(line, /"code":"conflict"/);
    assert.match(line, /"message":"deep"/);
    assert.match(line, /"type":"AppError"/);
    assert.match(line, /"tokens":3/);
  });

  it('survives any data, and writes one line of it', () => {
    const cycle: Record<string, unknown> = { name: 'ring' };
    cycle['self'] = cycle;
    assert.match(logged(cycle), /ring/);
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), (data) => {
        assert.equal(logged({ data }).trimEnd().split('\n').length, 1);
      }),
    );
  });

  it('is silent when told so', () => assert.equal(logged({}, 'silent'), ''));
});

describe('the metrics', () => {
  it('shows what was counted under the published names', async () => {
    const metrics = openMetrics('1.2.3', async () => [{ provider: 'github', state: 'active', count: 2 }]);
    metrics.runFinished('github', 'completed', 2);
    metrics.webhook('github', 'accepted', 0.01);
    metrics.observeRequest({ method: 'GET', route: '/api/integrations', status: 200 }, 0.1);
    metrics.countError('not-found');
    metrics.error('not-found');
    metrics.trackerRequest('2xx', 0.2);
    metrics.trackerWait(1.5);
    metrics.watchTrackers(() => ({ stoppedHosts: 3, share: 0.25 }));
    const { contentType, text } = await metrics.render();
    assert.match(contentType, /^text\/plain/);
    for (const line of [
      'tmi_build_info{version="1.2.3"} 1',
      'tmi_integrations{provider="github",status="active"} 2',
      'tmi_sync_runs_total{provider="github",outcome="completed"} 1',
      'tmi_sync_run_seconds_count 1',
      'tmi_webhook_processing_seconds_count{provider="github",verdict="accepted"} 1',
      'http_request_duration_seconds_count{method="GET",route="/api/integrations",status="200"} 1',
      'tmi_errors_total{code="not-found"} 2',
      'tmi_tracker_request_seconds_count{outcome="2xx"} 1',
      'tmi_tracker_wait_seconds_total 1.5',
      'tmi_tracker_hosts_stopped 3',
      'tmi_tracker_pace_share 0.25',
    ])
      assert.ok(text.includes(line), `${line} is missing in\n${text}`);
  });

  it('counts for itself only, and forgets integrations that went', async () => {
    let count = 1;
    const metrics = openMetrics('1', async () =>
      count === 0 ? [] : [{ provider: 'jira' as const, state: 'new' as const, count }],
    );
    openMetrics('1', async () => []).error('internal');
    assert.doesNotMatch((await metrics.render()).text, /tmi_errors_total\{/);
    count = 0;
    assert.doesNotMatch((await metrics.render()).text, /tmi_integrations\{/);
  });

  it('still shows the rest when the database cannot be asked', async () => {
    const metrics = openMetrics('1', () => Promise.reject(new Error('down')));
    metrics.error('unavailable');
    assert.match((await metrics.render()).text, /tmi_errors_total\{code="unavailable"\} 1/);
  });
});
