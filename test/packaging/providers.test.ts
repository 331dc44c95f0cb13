import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { providersPage } from '../../build/providers.ts';
import { providers } from '../../src/providers/registry.ts';

const page = readFileSync('docs/providers/README.md', 'utf8');

describe('the page of all trackers', () => {
  it('is what the code says (npm run openapi writes it)', async () => {
    assert.equal(page, await providersPage());
  });

  it('leads to a page of every tracker, which shows how to configure it', () => {
    for (const { id, title } of providers.values()) {
      const [, target = ''] = new RegExp(`\\[${title}\\]\\(([a-z-]+\\.md)\\)`).exec(page) ?? [];
      assert.ok(existsSync(`docs/providers/${target}`), title);
      assert.ok(readFileSync(`docs/providers/${target}`, 'utf8').includes(`"provider": "${id}"`), title);
    }
  });

  it('says of every tracker how its webhooks are proven', () => {
    for (const { title, webhook } of providers.values()) {
      const schemes = Object.keys(webhook?.schemes ?? {});
      assert.ok(schemes.length > 0, title);
      for (const scheme of schemes) assert.ok(page.includes(`\`${scheme}\``), scheme);
    }
  });
});
