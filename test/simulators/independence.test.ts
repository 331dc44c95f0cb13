import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, it } from 'node:test';

const FOLDER = 'simulators';

describe('the simulators', () => {
  it('know nothing of our own code, so that a mistake of ours cannot hide in both', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((each) =>
      each.endsWith('.ts'),
    );
    assert.ok(files.length > 0);
    for (const file of files) {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      for (const [, name = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
        const target = normalize(join(FOLDER, file, '..', name));
        assert.ok(target.startsWith(`${FOLDER}/`), `${file} imports ${name}`);
      }
    }
  });
});
