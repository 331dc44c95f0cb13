import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eraseFromRow, mentions } from '../../src/domain/erasure.ts';
import { ERASED, personNamed } from '../../src/domain/person.ts';
import { codeIs } from '../store/fixtures.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const ann = personNamed(['ann', 'Ann Åberg', 'ann@example.com']);

describe('a person', () => {
  it('is found as a word of its own, whatever the case and however accents are written', () => {
    for (const text of [
      'ann',
      'Detached by ANN.',
      '@ann',
      'by Ann Åberg',
      'ann åberg'.normalize('NFD'),
      'x,ann',
    ])
      assert.ok(ann.isIn(text), text);
    for (const text of ['Annual', 'joann', 'ann_b', 'ann1', 'anné', '']) assert.ok(!ann.isIn(text), text);
    assert.equal(ann.without('Ann Åberg, ann and Annual'), `${ERASED}, ${ERASED} and Annual`);
    assert.equal(ann.without('mail ann@example.com'), `mail ${ERASED}`);
    assert.ok(ann.is(' @Ann ') && !ann.is('Ann and Bob'));
  });

  it('is found in JSON behind escapes, and what is written around stays as it was', () => {
    const text = '{ "a":\t"x\\nAnn", "b": "\\u0061nn", "c": 1.0, "d": "\\u00e9" }';
    const rest = ann.without(text);
    assert.equal(rest, '{ "a":\t"x\\n[erased]", "b": "[erased]", "c": 1.0, "d": "\\u00e9" }');
    assert.deepEqual(JSON.parse(rest), { a: `x\n${ERASED}`, b: ERASED, c: 1, d: 'é' });
    assert.equal(ann.without('{"open": "ann'), `{"open": "${ERASED}`, 'no JSON');
    assert.equal(
      ann.without(JSON.stringify(JSON.stringify({ by: 'ann' }))),
      JSON.stringify('{"by":"[erased]"}'),
    );
  });

  it('has a name that means nothing else', () => {
    for (const name of ['', ' ', 'x', 'sync', 'Open', 'mitigated', 'high'])
      assert.throws(() => personNamed([name]), codeIs('invalid-request'), name);
    assert.throws(() => personNamed([]), codeIs('invalid-request'));
    assert.ok(personNamed(['a.b']).isIn('by a.b') && !personNamed(['a.b']).isIn('by axb'), 'no pattern');
  });
});

describe('a row without a person', () => {
  it('loses the name everywhere and all of their own words', () => {
    const doc = {
      author: 'Ann',
      text: 'My cat is ill.',
      id: 'c1',
      at: ['ann', { note: 'for Ann' }],
      n: 1,
      no: null,
    };
    const { changes, left } = eraseFromRow('comments', { id: 'c1', doc }, ann);
    const rest = {
      author: ERASED,
      text: ERASED,
      id: 'c1',
      at: [ERASED, { note: `for ${ERASED}` }],
      n: 1,
      no: null,
    };
    assert.deepEqual([changes, left], [{ doc: rest }, []]);
    const others = { author: 'Bob', text: 'Ask ann.' };
    assert.deepEqual(eraseFromRow('comments', { doc: others }, ann).changes, {
      doc: { author: 'Bob', text: `Ask ${ERASED}.` },
    });
    assert.deepEqual(eraseFromRow('comments', { doc: { author: 'Bob' } }, ann), { changes: {}, left: [] });
  });

  it('keeps addresses and settings, and says so', () => {
    const link = { issue: { key: '1', url: 'https://x.example/ann/r/1' }, stateReason: 'Detached by ann.' };
    const ofLink = eraseFromRow('links', { doc: link, host: 'ann' }, ann);
    assert.deepEqual(ofLink.left, ['doc', 'host']);
    assert.deepEqual(ofLink.changes, { doc: { ...link, stateReason: `Detached by ${ERASED}.` } });
    const integration = { name: 'Ann’s', config: { owner: 'ann' }, stateReason: 'ann' };
    const ofIntegration = eraseFromRow('integrations', { doc: integration }, ann);
    assert.deepEqual(ofIntegration, {
      changes: { doc: { ...integration, stateReason: ERASED } },
      left: ['doc'],
    });
    assert.ok(mentions({ ann: 1 }, ann) && !mentions({ an: [new Uint8Array([255])] }, ann));
  });

  it('loses a file’s words and a delivery’s body', () => {
    const file = { file: bytes('{"owner": "Ann"}') };
    assert.deepEqual(eraseFromRow('models', file, ann).changes, { file: bytes('{"owner": "[erased]"}') });
    const body = { body: bytes('{"sender": "Ann", "mail": "a@b.c"}') };
    assert.deepEqual(eraseFromRow('deliveries', body, ann).changes, { body: bytes(ERASED) });
  });
});
