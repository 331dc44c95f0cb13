import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import { threatDragon } from '../../src/sources/threat-dragon/index.ts';
import { bytesOf, changedLines, demoModel, NO_SAMPLES, parse, sample, textOf } from './samples.ts';

/** A model with one cell that holds these threats. */
function model(threats: readonly object[], data: object = {}): object {
  return {
    version: '2.3.0',
    summary: { title: 'Shop' },
    detail: { diagrams: [{ title: 'Main', diagramType: 'STRIDE', cells: [cell('c1', threats, data)] }] },
  };
}
function cell(id: string, threats: readonly object[], data: object = {}): object {
  return { id, data: { type: 'tm.Process', name: 'API', hasOpenThreats: true, ...data, threats } };
}
function one(threat: object, data: object = {}) {
  const parsed = parse(bytesOf(model([{ id: 't1', title: 'Replay', status: 'Open', ...threat }], data)));
  const [first] = parsed.threats;
  assert.ok(first);
  return { threat: first, warnings: parsed.warnings.map((each) => each.code) };
}

describe('reading Threat Dragon v2', () => {
  const counts: [file: string, threats: number][] = [
    ['demo-web.json', 14],
    ['three-tier-web-app.json', 2],
    ['cryptocurrency-wallet.json', 1],
    ['generic-cms.json', 0],
    ['small-one-threat.json', 1],
    ['empty-new-model.json', 0],
  ];
  for (const [file, threats] of counts)
    it(`finds the ${threats} threats of ${file}`, { skip: NO_SAMPLES }, () => {
      const parsed = parse(sample(`threat-dragon-v2/${file}`));
      assert.equal(parsed.format, 'threat-dragon-v2');
      assert.equal(parsed.threats.length, threats);
      assert.deepEqual(parsed.warnings, []);
    });

  it('understands a whole threat', () => {
    const { threat } = one(
      {
        number: 12,
        severity: 'High',
        type: 'Tampering',
        modelType: 'STRIDE',
        score: '7.5',
        description: 'It is sent again.\r\n',
        mitigation: '- Use a key\n- Check the time',
      },
      { name: 'Payments\nAPI', outOfScope: true, reasonOutOfScope: 'Run by others' },
    );
    const { copy, ...rest } = threat;
    assert.deepEqual(copy, { id: 't1', key: 't1#c1#0' });
    assert.deepEqual(rest, {
      key: 't1',
      displayRef: '#12',
      title: 'Replay',
      description: 'It is sent again.',
      status: 'identified',
      severity: 'high',
      score: 7.5,
      category: { taxonomy: 'STRIDE', values: ['Tampering'] },
      element: { id: 'c1', name: 'Payments API', kind: 'process', diagram: 'Main', outOfScope: true },
      mitigations: [
        { key: '1', title: 'Use a key', status: 'unknown', shared: false },
        { key: '2', title: 'Check the time', status: 'unknown', shared: false },
      ],
      references: [],
      tags: [],
      justification: 'Run by others',
      raw: { status: 'Open', severity: 'High' },
    });
  });

  const words: [word: string, status: string][] = [
    ['Open', 'identified'],
    ['open', 'identified'],
    ['Mitigated', 'mitigated'],
    ['Eliminated', 'mitigated'],
    ['NotApplicable', 'false-positive'],
    ['Not Applicable', 'false-positive'],
    ['NA', 'false-positive'],
    ['Accepted', 'accepted'],
    ['Transferred', 'transferred'],
    ['Avoided', 'avoided'],
  ];
  for (const [word, status] of words)
    it(`reads the status ${word} as ${status}`, () =>
      assert.equal(one({ status: word }).threat.status, status));

  it('reads an unknown status as identified, with a warning that says where', () => {
    const found = one({ status: 'Parked' });
    assert.equal(found.threat.status, 'identified');
    assert.deepEqual(found.warnings, ['unknown-status']);
  });

  for (const word of ['TBD', 'TBA', '', null])
    it(`leaves the severity ${JSON.stringify(word)} unspecified without a warning`, () =>
      assert.deepEqual(one({ severity: word }).warnings, []));

  it('takes the card of an Elevation of Privilege threat that has no type', () => {
    const { threat } = one({ type: null, modelType: 'EOP', cardSuit: 'Spoofing', cardNumber: '3' });
    assert.deepEqual(threat.category, { taxonomy: 'EOP', values: ['Spoofing 3'] });
  });

  it('accepts threatId, as the published schema calls it', () => {
    const parsed = parse(bytesOf(model([{ threatId: 'x', title: 'Replay' }])));
    assert.equal(parsed.threats[0]?.key, 'x');
  });

  it('tells copies of an element apart and warns of each', () => {
    const copied = model([]);
    Object.assign(copied, {
      detail: {
        diagrams: [
          { cells: [cell('c1', [{ id: 'x' }, { id: 'x' }]), cell('c2', [{ id: 'x' }, { id: 'y' }])] },
        ],
      },
    });
    const parsed = parse(bytesOf(copied));
    assert.deepEqual(
      parsed.threats.map((each) => each.key),
      ['x#c1#0', 'x#c1#1', 'x#c2#0', 'y'],
    );
    assert.deepEqual(
      parsed.warnings.map((each) => each.code),
      Array(3).fill('duplicate-id'),
    );
  });

  it('recognises a threat without an id by its element, title and type', () => {
    const parsed = parse(
      bytesOf(
        model([
          { title: 'A  b', type: 'Tampering' },
          { title: 'a B', type: 'Tampering' },
        ]),
      ),
    );
    assert.deepEqual(
      parsed.threats.map((each) => each.key),
      ['a b#Tampering#c1#0', 'a b#Tampering#c1#1'],
    );
    assert.deepEqual(
      parsed.warnings.map((each) => each.code),
      ['missing-id', 'missing-id'],
    );
  });

  it('names the place of a value of the wrong type', () => {
    assert.throws(
      () => parse(bytesOf(model([{ id: 't', title: { en: 'Replay' } }]))),
      (error: unknown) => {
        assert.match(String(error), /\/detail\/diagrams\/0\/cells\/0\/data\/threats\/0\/title/);
        return true;
      },
    );
  });
});

/** Write one status into a file and say what became of it. */
function write(text: string, key: string, status: (typeof STATUSES)[number]) {
  const { bytes, unwritten } = threatDragon.patch(bytesOf(text), [{ key, status }]);
  const after = textOf(bytes);
  return { after, unwritten, ...changedLines(text, after) };
}

describe('writing Threat Dragon v2', () => {
  const demo = textOf(demoModel('payments.json'));
  const keyOf = (title: string): string =>
    parse(bytesOf(demo)).threats.find((each) => each.title === title)?.key ?? assert.fail(title);

  it('changes one line while another threat of the cell is still open', () => {
    const { gone, added } = write(demo, keyOf('Forged callback marks an order as paid'), 'mitigated');
    assert.deepEqual([gone, added], [['"status": "Open",'], ['"status": "Mitigated",']]);
  });

  it('clears hasOpenThreats with the last open threat of the cell', () => {
    const { gone, added } = write(demo, keyOf('Payment request is replayed'), 'false-positive');
    assert.deepEqual(gone, ['"hasOpenThreats": true,', '"status": "Open",']);
    assert.deepEqual(added, ['"status": "NotApplicable",', '"hasOpenThreats": false,']);
  });

  it('sets hasOpenThreats when a threat is opened again', () => {
    const { added } = write(demo, keyOf('Amount is taken from the browser'), 'mitigating');
    assert.deepEqual(added, ['"status": "Open",']);
    const alone = JSON.stringify(
      model([{ id: 't', title: 'T', status: 'Mitigated' }], { hasOpenThreats: false }),
    );
    assert.match(write(alone, 't', 'identified').after, /"hasOpenThreats":true.*"status":"Open"/);
  });

  it('writes nothing where the word already means the status', () => {
    fc.assert(
      fc.property(fc.constantFrom('Open', 'open', 'NA', 'Eliminated', 'Parked', ''), (word) => {
        const text = JSON.stringify(model([{ id: 't', title: 'T', status: word }]));
        const status = parse(bytesOf(text)).threats[0]?.status ?? 'identified';
        assert.equal(write(text, 't', status).after, text);
      }),
    );
  });

  it('leaves a status that older tools do not know unwritten and says so, unless the file uses such words', () => {
    const key = keyOf('Payment request is replayed');
    for (const status of ['accepted', 'transferred', 'avoided'] as const) {
      const { after, unwritten } = write(demo, key, status);
      assert.equal(after, demo);
      assert.deepEqual(
        unwritten.map((each) => each.key),
        [key],
      );
    }
    const newer = JSON.stringify(
      model([
        { id: 'a', status: 'Eliminated' },
        { id: 'b', status: 'Open' },
      ]),
    );
    assert.match(write(newer, 'b', 'accepted').after, /"status":"Accepted"/);
  });

  it('adds a status where there was none', () => {
    const text = JSON.stringify(model([{ id: 't', title: 'T' }]), null, 2);
    const { gone, added } = write(text, 't', 'mitigated');
    assert.deepEqual(
      [gone, added],
      [['"hasOpenThreats": true,'], ['"hasOpenThreats": false,', '"status": "Mitigated",']],
    );
  });

  it('keeps byte order mark, CRLF, tabs, escapes and number spelling', () => {
    const odd = JSON.stringify(
      model([{ id: 't', title: 'Caf\u00e9', status: 'Open', score: '@' }]),
      null,
      '\t',
    )
      .replace('\u00e9', '\\u00E9')
      .replace('"@"', '7.50')
      .replaceAll('\n', '\r\n');
    const text = `\uFEFF${odd}\r\n\r\n`;
    const { after } = write(text, 't', 'mitigated');
    const expected = text
      .replace('"status": "Open"', '"status": "Mitigated"')
      .replace('s": true', 's": false');
    assert.equal(after, expected);
  });

  it('says which keys the file does not hold', () => {
    assert.deepEqual(
      write(demo, 'nobody', 'mitigated').unwritten.map((each) => each.key),
      ['nobody'],
    );
  });

  it('reads back what it wrote, and writes it only once', () => {
    const keys = parse(bytesOf(demo)).threats.map((each) => each.key);
    const expressible = STATUSES.filter(
      (each) => !['accepted', 'transferred', 'avoided', 'analyzing', 'mitigating'].includes(each),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...expressible)), { maxLength: 8 }),
        (some) => {
          const edits = [...new Map(some)].map(([key, status]) => ({ key, status }));
          const { bytes } = threatDragon.patch(bytesOf(demo), edits);
          const read = new Map(parse(bytes).threats.map((each) => [each.key, each.status]));
          for (const { key, status } of edits) assert.equal(read.get(key), status);
          assert.deepEqual(threatDragon.patch(bytes, edits).bytes, bytes);
        },
      ),
      { numRuns: 20 },
    );
  });
});
