import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportedLine } from '../../src/domain/tenant-export.ts';

describe('a line of an export', () => {
  it('is one row without secrets, bytes as base64', () => {
    const row = { id: 'i', credentials: 'sealed', webhook_secrets: ['sealed'], doc: { n: null }, file: null };
    assert.equal(
      exportedLine('integrations', row),
      '{"table":"integrations","row":{"id":"i","doc":{"n":null},"file":null}}\n',
    );
    const body = new Uint8Array([0, 255]);
    assert.equal(
      exportedLine('deliveries', { body }),
      '{"table":"deliveries","row":{"body":{"base64":"AP8="}}}\n',
    );
    assert.equal(exportedLine('journal', { credentials: 'a word' })?.includes('a word'), true);
    assert.equal(exportedLine('idempotency', { answer: { body: 'a secret that is told once' } }), undefined);
  });
});
