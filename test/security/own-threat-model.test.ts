import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from '../sources/samples.ts';

const MODEL = 'docs/threat-model.json';

/** The files that a mitigation names after this word. */
function filesAfter(word: string, text: string): string[] {
  const [, named = ''] = new RegExp(`^${word}: (.+)$`, 'm').exec(text) ?? [];
  return [...named.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
}

describe('our own threat model', () => {
  const model = parse(readFileSync(MODEL));

  it('is one that we can import, without a warning', () => {
    assert.equal(model.format, 'threat-dragon-v2');
    assert.deepEqual(model.warnings, []);
    assert.ok(model.threats.length >= 25, String(model.threats.length));
    assert.equal(new Set(model.threats.map(({ key }) => key)).size, model.threats.length);
  });

  it('tells of every threat what is done about it, where, and which test shows it', () => {
    for (const { title, mitigations } of model.threats) {
      const text = mitigations.map((each) => `${each.title}\n${each.description ?? ''}`).join('\n');
      const [control] = filesAfter('Control', text);
      assert.ok(control !== undefined && existsSync(control), `${title}: ${control}`);
      const tests = filesAfter('Tests', text);
      assert.ok(tests.length > 0, `${title} names no test`);
      for (const file of tests) assert.ok(file.endsWith('.test.ts') && existsSync(file), `${title}: ${file}`);
    }
  });

  it('has every kind of threat', () => {
    const kinds = new Set(model.threats.flatMap(({ category }) => category.values));
    assert.equal(kinds.size, 6, [...kinds].join(', '));
  });
});
