import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { unifiedDiff } from '../../src/sync/unified-diff.ts';
import type { CanonicalModel } from '../../src/domain/canonical.ts';

import { changedLines, demoModel, textOf } from '../sources/samples.ts';
import { codeIs } from '../store/fixtures.ts';
import { dragon, house, many } from './import-house.ts';

const at = house();
const ID = '8a4f6a52-6f0e-4a8e-9d54-6a4f1f3f0c11';

function canonical(
  keys: readonly string[],
  more: Partial<CanonicalModel['threats'][number]> = {},
): CanonicalModel {
  const threats = keys.map((key) => ({
    key,
    title: `Threat ${key}`,
    description: 'Words',
    status: 'identified' as const,
    severity: 'high' as const,
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
    ...more,
  }));
  return { name: 'Platform model', threats };
}

describe('the file given back', () => {
  it('is the imported one, byte for byte, while no status changed', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    for (const name of ['payments.json', 'claims-portal.tc.json']) {
      const { model } = await models.import(caller, {
        bytes: demoModel(name),
        source: { path: `models/${name}` },
      });
      const file = await models.file(caller, model.id);
      assert.deepEqual([file.fileName, file.unwritten], [name, []]);
      assert.ok(Buffer.from(file.bytes).equals(demoModel(name)));
      assert.equal(await models.patch(caller, model.id), '');
    }
  });

  it('holds the statuses of our threats, and says which ones the format cannot express', async () => {
    const { models, newCaller, threats, accept } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: demoModel('payments.json') });
    const [first, , third] = await threats(caller, model.id);
    assert.ok(first && third);
    await accept(caller, first, { status: 'mitigated' });
    await accept(caller, third, { status: 'accepted' });
    const file = await models.file(caller, model.id);
    const { added } = changedLines(textOf(demoModel('payments.json')), textOf(file.bytes));
    assert.deepEqual(added, ['"status": "Mitigated",', '"hasOpenThreats": false,']);
    assert.deepEqual(
      file.unwritten.map((each) => each.key),
      [third.key],
    );
    assert.equal(file.fileName, 'Payments.json');
  });

  it('is no change for us when it is imported again', async () => {
    const { models, newCaller, threats, accept, linkAll, traces } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: demoModel('claims-portal.tc.json') });
    for (const threat of (await threats(caller, model.id)).slice(0, 3))
      await accept(caller, threat, { status: 'transferred' });
    const { integration } = await linkAll(caller, model.id);
    const { bytes } = await models.file(caller, model.id);
    const report = await models.import(caller, { bytes });
    assert.deepEqual([report.model.id, report.changed, report.kept.length], [model.id, [], 30]);
    assert.equal((await traces(caller, integration.id)).dirty, 0);
  });

  it('names the issue of a threat where the format has a place for it', async () => {
    const { models, newCaller, linkAll } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: demoModel('claims-portal.tc.json') });
    const { links } = await linkAll(caller, model.id);
    const text = textOf((await models.file(caller, model.id)).bytes);
    for (const link of links) assert.ok(text.includes(`"value": "${link.issue?.url}"`));
  });

  it('writes the status of a copy to the copy, and that of the original to the original', async () => {
    const { models, newCaller, threats, accept } = at();
    const caller = newCaller();
    const original = { id: 'x', cell: 'one' };
    const { model } = await models.import(caller, { bytes: dragon('A', [original]) });
    await models.import(caller, { bytes: dragon('A', [{ id: 'x', cell: 'two' }, original]) });
    const [kept] = await threats(caller, model.id);
    assert.ok(kept);
    await accept(caller, kept, { status: 'mitigated' });
    const written = await models.file(caller, model.id);
    const again = await models.import(caller, { bytes: written.bytes });
    assert.deepEqual(again.changed, []);
    assert.deepEqual(
      (await threats(caller, model.id)).map((each) => each.status),
      ['mitigated', 'identified'],
    );
  });

  it('is refused when the file kept is not the one imported last', async () => {
    const { models, newCaller, store } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(1)) });
    await store.tenant(caller.tenantId).transact((tx) => tx.models.update(model, dragon('A', many(2))));
    await assert.rejects(models.file(caller, model.id), codeIs('model-changed'));
  });

  it('comes as a patch that git applies', async () => {
    const { models, newCaller, threats, accept } = at();
    const caller = newCaller();
    const folder = mkdtempSync(join(tmpdir(), 'tmi-patch-'));
    try {
      for (const name of ['payments.json', 'claims-portal.tc.json']) {
        const { model } = await models.import(caller, { bytes: demoModel(name), source: { path: name } });
        for (const threat of await threats(caller, model.id))
          await accept(caller, threat, { status: 'false-positive' });
        writeFileSync(join(folder, name), demoModel(name));
        const patch = await models.patch(caller, model.id);
        execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input: patch });
        const { bytes } = await models.file(caller, model.id);
        assert.ok(readFileSync(join(folder, name)).equals(Buffer.from(bytes)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What `patch` does, in a few lines: the new text that the diff describes. */
function apply(before: string, diff: string): string {
  const old = before === '' ? [] : before.split(/(?<=\n)/);
  const next: string[] = [];
  let read = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [head = '', ...lines] = hunk.split(/(?<=\n)/);
    const [, start = '', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(head) ?? [];
    const from = Number(count) === 0 ? Number(start) : Number(start) - 1;
    next.push(...old.slice(read, from));
    read = from;
    for (const [index, line] of lines.entries()) {
      const bare = lines[index + 1]?.startsWith('\\') === true ? line.slice(0, -1) : line;
      if (/^[+ ]/.test(line)) next.push(bare.slice(1));
      if (!/^[- ]/.test(line)) continue;
      assert.equal(old[read], bare.slice(1));
      read += 1;
    }
  }
  return [...next, ...old.slice(read)].join('');
}

describe('a unified diff', () => {
  it('leads from any text to any other', () => {
    const line = fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', '{\n');
    const text = fc
      .tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom('', 'end'))
      .map(([lines, end]) => lines.join('') + end);
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.equal(apply(before, unifiedDiff(before, after, 'model.json')), after);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows three lines around a change', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);
    const diff = unifiedDiff(lines.join(''), lines.with(9, 'changed\n').join(''), 'a.json');
    assert.equal(
      diff,
      '--- a/a.json\n+++ b/a.json\n@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+changed\n line 11\n line 12\n line 13\n',
    );
  });
});

describe('a model of the platform', () => {
  it('is made under its own id, changed, and left alone when it is the same', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    const made = await models.put(caller, ID, canonical(['a', 'b']));
    assert.deepEqual([made.model.id, made.model.format, made.fresh.length], [ID, 'platform', 2]);
    const same = await models.put(caller, ID, canonical(['a', 'b']), { expectedVersion: made.model.version });
    assert.deepEqual(same.model, made.model);
    const changed = await models.put(caller, ID, canonical(['a', 'b'], { status: 'accepted' }));
    assert.equal(changed.changed.length, 2);
    await assert.rejects(
      models.put(caller, ID, canonical(['a']), { expectedVersion: 99 }),
      codeIs('stale-version'),
    );
    await models.put(caller, ID, canonical(Array.from({ length: 10 }, (_, index) => `t${index}`)));
    await assert.rejects(models.put(caller, ID, canonical(['t0'])), codeIs('import-needs-confirmation'));
    const confirmed = await models.put(caller, ID, canonical(['t0']), { confirm: true });
    assert.equal(confirmed.gone.length, 9);
    await assert.rejects(models.file(caller, ID), codeIs('unprocessable'));
  });

  it('keeps one id apart in two tenants', async () => {
    const { models, newCaller } = at();
    const [one, other] = [newCaller(), newCaller()];
    await models.put(one, ID, canonical(['a']));
    await assert.rejects(models.get(other, ID), codeIs('not-found'));
  });

  it('refuses a key that two threats have, and an id that belongs to a file', async () => {
    const { models, newCaller } = at();
    const caller = newCaller();
    await assert.rejects(models.put(caller, ID, canonical(['a', 'b', 'a'])), codeIs('unprocessable'));
    const { model } = await models.import(caller, { bytes: dragon('A', many(1)) });
    await assert.rejects(models.put(caller, model.id, canonical(['a'])), codeIs('conflict'));
    await models.put(caller, ID, canonical(['a']));
    const file = models.import(caller, { bytes: dragon('A', many(1)), modelId: ID });
    await assert.rejects(file, codeIs('conflict'));
  });
});

describe('deleting a model', () => {
  it('takes its threats, and leaves its links as tombstones', async () => {
    const { models, newCaller, linkAll, store } = at();
    const caller = newCaller();
    const { model } = await models.import(caller, { bytes: dragon('A', many(3)) });
    const { links, integration } = await linkAll(caller, model.id);
    await assert.rejects(models.remove(caller, model.id, 99), codeIs('stale-version'));
    await models.remove(caller, model.id, model.version);
    await assert.rejects(models.get(caller, model.id), codeIs('not-found'));
    await assert.rejects(models.remove(caller, model.id), codeIs('not-found'));
    const left = await store
      .tenant(caller.tenantId)
      .transact((tx) => tx.links.many(links.map((each) => each.id)));
    assert.deepEqual(
      left.map((each) => each.state),
      ['detached', 'detached', 'detached'],
    );
    assert.ok(left.every((each) => each.integrationId === integration.id && each.issue !== undefined));
  });
});
