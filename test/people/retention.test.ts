import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TENANT_TABLE_NAMES } from '../../src/store/tenant-tables.ts';

describe('docs/people.md', () => {
  it('says of every table how long its rows are kept', () => {
    const page = readFileSync('docs/people.md', 'utf8');
    const [, chapter = ''] = page.split('## How long it is kept');
    const rows = chapter.split('\n## ')[0]?.split('\n') ?? [];
    const named = rows.flatMap((row) =>
      row.startsWith('|')
        ? [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name)
        : [],
    );
    assert.deepEqual(named.toSorted(), [...TENANT_TABLE_NAMES].toSorted());
  });
});
