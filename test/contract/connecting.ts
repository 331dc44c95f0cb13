import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import { providers } from '../../src/providers/registry.ts';
import { checkOf, MARK } from './stage.ts';
import type { Stage } from './stage.ts';

/** What `project`, `checkup` and `hooks` promise. */
export function promisesOfConnecting(stage: Stage): void {
  const { signal } = stage;

  it('throws unauthorized when the token is refused, before anything is written', async () => {
    await stage.world.people.revokeToken();
    const block = { mark: MARK, text: 'x' };
    await assert.rejects(stage.world.tracker.project(signal), { code: 'tracker-unauthorized' });
    const write = stage.world.tracker.write([{ kind: 'create', title: 'x', block, labels: [] }], signal);
    await assert.rejects(write, { code: 'tracker-unauthorized' });
  });

  it('tells who the project is, and who may see it, with hardly a request', async () => {
    const before = stage.world.calls();
    const project = await stage.world.tracker.project(signal);
    assert.equal(stage.world.calls() - before, stage.world.projectCalls ?? 1);
    assert.equal(project.visibility, 'private');
    await stage.world.people.publish();
    assert.deepEqual(await stage.world.tracker.project(signal), { ...project, visibility: 'public' });
  });

  it('checks a connection line by line, each failure with a remedy', async () => {
    const good = await stage.world.tracker.checkup(signal);
    assert.ok(
      good.items.every((item) => item.outcome !== 'failed'),
      JSON.stringify(good.items),
    );
    assert.equal(good.bound?.projectId, (await stage.world.tracker.project(signal)).projectId);
    await stage.world.people.publish();
    assert.equal(checkOf(await stage.world.tracker.checkup(signal), 'visibility'), 'warning');
    await stage.world.people.revokeToken();
    const bad = await stage.world.another().checkup(signal);
    assert.equal(checkOf(bad, 'token'), 'failed');
    assert.equal(bad.bound, undefined);
    assert.deepEqual(
      bad.items.map((item) => item.name),
      good.items.map((item) => item.name),
    );
    for (const item of bad.items) assert.ok(item.outcome === 'ok' || item.remedy !== undefined, item.name);
  });

  it('registers its webhook once, notices when it is gone, and removes it', async () => {
    const { hooks } = stage.world.tracker;
    if (hooks === undefined) return;
    const first = await hooks.ensure(stage.world.hookUrl, new Secret('ab'.repeat(32)), signal);
    assert.deepEqual(await hooks.ensure(stage.world.hookUrl, new Secret('cd'.repeat(32)), signal), first);
    const provider = [...providers.values()].find((each) =>
      stage.world.hookUrl.includes(`/webhooks/${each.id}/`),
    );
    assert.ok(first.scheme in (provider?.webhook?.schemes ?? {}), first.scheme);
    const id = first.hookId;
    assert.equal(await hooks.healthy(id, signal), true);
    await hooks.remove(id, signal);
    assert.equal(await hooks.healthy(id, signal), false);
    await hooks.remove(id, signal);
  });
}
