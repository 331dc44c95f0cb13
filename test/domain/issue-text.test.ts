import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import type { BlockDocument } from '../../src/domain/block.ts';
import { DISPOSITIONS, dispositionLabel } from '../../src/domain/status-words.ts';
import {
  blockOf,
  blockVersion,
  conflictComment,
  missingComment,
  questionComment,
  titleOf,
} from '../../src/domain/issue-text.ts';
import { MITIGATION_STATUSES, SEVERITIES, STATUSES, type Threat } from '../../src/domain/threat.ts';
import { MODEL, SHAPE, threatOf } from './world.ts';

const rendered = (document: BlockDocument) => SHAPE.block(document, SHAPE.blockLimit);
const textOf = (threat: Threat, model = MODEL) => rendered(blockOf(threat, model));
const bare = {
  description: '',
  mitigations: [],
  references: [],
  tags: [],
  category: { taxonomy: '', values: [] },
};

function without(threat: Threat, ...parts: ('element' | 'displayRef')[]): Threat {
  const rest = { ...threat };
  for (const part of parts) delete rest[part];
  return rest;
}

describe('the block', () => {
  it('says what, where, what can go wrong, what to do, and when it is done', () => {
    const mitigations = MITIGATION_STATUSES.map((status) => ({
      key: status,
      title: `M ${status}`,
      status,
      shared: false,
    }));
    const element = { id: 'e', name: 'Queue', kind: 'store', diagram: 'Main' };
    const text = textOf(
      threatOf({
        mitigations,
        element,
        description: 'Words of the threat',
        displayRef: '#12',
        references: ['CWE-345'],
      }),
    );
    for (const part of [
      '**High** · Tampering (STRIDE)',
      '**Where**: Queue (store, diagram "Main")',
      '> Words of the threat',
      '- M proposed *(not started)*',
      '- M done *(done)*',
      '**Done when**',
      '`tm-accepted`',
      'Model: Payments (`docs/payments.json`)',
      'CWE-345',
    ])
      assert.ok(text.includes(part), `${part}\n${text}`);
  });

  it('leaves out every part that is empty', () => {
    const text = textOf(without(threatOf(bare), 'element', 'displayRef'), { name: 'M', source: {} });
    for (const absent of [
      'Where',
      'What can go wrong',
      '·',
      '()',
      'undefined',
      'null',
      '>',
      'diagram',
      'reference',
    ])
      assert.ok(!text.includes(absent), `${absent}\n${text}`);
    assert.ok(text.includes('No mitigation is recorded; propose one.'));
    assert.ok(!/\n{3,}/.test(text), 'no gaps where something was left out');
  });

  it('leaves out an element without a name and a description of blanks', () => {
    const element = { id: 'e', name: '', kind: 'process' };
    const text = textOf(threatOf({ ...bare, element, description: ' \n ' }));
    assert.ok(!text.includes('Where') && !text.includes('What can go wrong'), text);
  });

  it('holds no text that changes by itself: no status, revision, date, number or version', () => {
    const threat = threatOf();
    const same = fc.record({
      status: fc.constantFrom(...STATUSES),
      updatedAt: fc.constantFrom('2020-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'),
      version: fc.nat(),
      number: fc.nat(),
    });
    fc.assert(
      fc.property(same, fc.string(), (changes, revision) => {
        const later = { ...threat, ...changes };
        const model = { ...MODEL, source: { ...MODEL.source, revision } };
        assert.deepEqual(blockOf(later, model), blockOf(threat, MODEL));
        assert.equal(blockVersion(later), blockVersion(threat));
      }),
    );
  });

  it('is rendered again when the content of the threat changed', () => {
    const version = blockVersion(threatOf());
    for (const content of [{ description: 'Other' }, { severity: 'low' as const }, { title: 'Other' }])
      assert.notEqual(blockVersion(threatOf(content)), version);
  });

  it('says every severity in words', () => {
    const heads = SEVERITIES.map((severity) => textOf(threatOf({ severity })).split('\n')[0]);
    assert.equal(new Set(heads).size, SEVERITIES.length);
    assert.ok(heads[4]?.startsWith('**Severity not set**'));
  });
});

describe('the title', () => {
  it('names the threat and its element, and no severity', () => {
    assert.equal(titleOf(threatOf({ title: 'Forged events' })), 'Threat: Forged events (Payments API)');
    assert.equal(titleOf(without(threatOf({ title: 'Forged events' }), 'element')), 'Threat: Forged events');
  });

  it('is never empty', () => {
    const nameless = without(threatOf({ title: ' ' }), 'element');
    assert.equal(titleOf(nameless), 'Threat: Tampering');
    assert.equal(titleOf({ ...nameless, category: bare.category }), 'Threat: Unnamed threat');
  });
});

describe('our comments', () => {
  it('ask with every label that is an answer', () => {
    const text = rendered(questionComment());
    for (const disposition of DISPOSITIONS)
      assert.ok(text.includes(`\`${dispositionLabel(disposition)}\``), text);
  });

  it('name the model, or the field, that they are about', () => {
    assert.ok(rendered(missingComment({ name: 'Payments' }, 'threat')).includes('Payments'));
    assert.ok(rendered(missingComment({ name: 'Payments' }, 'mitigation')).includes('The mitigation behind'));
    assert.ok(rendered(conflictComment('status')).includes('The status was changed'));
  });
});
