import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { granularityOf } from '../../src/domain/integration.ts';
import { mentionOf, parentBlock, parentKey, parentTitle, placeUnder } from '../../src/domain/parent.ts';
import { markdownFormat } from '../../src/providers/shared/markdown.ts';
import { AT } from './world.ts';

const ISSUE = { id: 'I_9', key: '9', url: 'https://tracker.example/9' };
const TARGET = { id: 'link-of-parent', issue: ISSUE, kind: 'mention' } as const;

function shown(source: { path?: string; repo?: string }): string {
  return markdownFormat(65_536).block(parentBlock({ name: 'Payments', source }), 32_768);
}

describe('the parent of a threat model', () => {
  it('is named after its model, whatever that is called', () => {
    assert.equal(parentTitle({ name: ' Payments ' }), 'Threat model: Payments');
    assert.equal(parentTitle({ name: '  ' }), 'Threat model: unnamed');
    assert.equal(parentKey({ id: 'm-1' }), 'parent:m-1');
  });

  it('says what stands under it, and where the model is', () => {
    const head =
      'The threats of this model stand under this issue, each in an issue of its own: **Payments**';
    const end =
      '*The threat-model sync made this issue, and neither changes nor closes it. Write what you like.*';
    assert.equal(shown({}), `${head}\n\n${end}`);
    assert.equal(shown({ repo: 'acme/pay' }), `${head}\n\n${end}`);
    assert.equal(shown({ path: 'a/model.json' }), `${head}\n\n**Where**: \`a/model.json\`\n\n${end}`);
    const both = shown({ path: 'a/model.json', repo: 'acme/pay' });
    assert.equal(both, `${head}\n\n**Where**: \`a/model.json\` in acme/pay\n\n${end}`);
  });
});

describe('the place of an issue under its parent', () => {
  const placed = placeUnder(TARGET, { kind: 'mention', reason: 'no other way' }, AT);

  it('names the parent, how it was put there, and since when', () => {
    const { key, url } = ISSUE;
    const place = {
      parentId: 'link-of-parent',
      kind: 'mention',
      reason: 'no other way',
      key,
      url,
      since: AT,
    };
    assert.deepEqual(placed, place);
  });

  it('is named in its text only where the tracker shows no better relation', () => {
    assert.deepEqual(mentionOf({ placed }), { key: '9', url: ISSUE.url });
    for (const kind of ['child', 'link'] as const)
      assert.equal(mentionOf({ placed: { ...placed, kind } }), undefined);
    assert.equal(mentionOf({}), undefined);
  });
});

describe('an integration', () => {
  it('makes an issue for each threat where nothing else was chosen', () => {
    assert.equal(granularityOf({}), 'threat');
    assert.equal(granularityOf({ granularity: 'mitigation' }), 'mitigation');
  });
});
