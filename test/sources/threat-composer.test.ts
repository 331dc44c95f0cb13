import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import type { Status } from '../../src/domain/threat.ts';
import { threatComposer } from '../../src/sources/threat-composer/index.ts';
import { bytesOf, changedLines, demoModel, NO_SAMPLES, parse, sample, textOf } from './samples.ts';

const ID = '0d1f2a9e-52f4-4d55-9c11-0c5b8d7f1a10';

function workspace(threat: object, more: object = {}): object {
  return {
    schema: 1,
    applicationInfo: { name: 'Portal' },
    threats: [{ id: ID, numericId: 7, ...threat }],
    ...more,
  };
}
function one(threat: object, more: object = {}) {
  const parsed = parse(bytesOf(workspace(threat, more)));
  const [first] = parsed.threats;
  assert.ok(first);
  return { threat: first, warnings: parsed.warnings };
}
function noted(status: string, note: string): object {
  return { status, metadata: [{ key: 'custom:tmi-status', value: note }] };
}

describe('reading Threat Composer', () => {
  const counts: [file: string, threats: number, dangling: number][] = [
    ['ThreatComposer.tc.json', 20, 4],
    ['reinforce2024-ex1.tc.json', 18, 4],
    ['reinforce2024-ex3.3.tc.json', 25, 4],
    ['elearning-ex3.tc.json', 10, 0],
    ['one-threat.json', 1, 0],
    ['zero-threats.json', 0, 2],
    ['no-threats-key.json', 0, 2],
  ];
  for (const [file, threats, dangling] of counts)
    it(`finds the ${threats} threats of ${file}`, { skip: NO_SAMPLES }, () => {
      const parsed = parse(sample(`threat-composer/${file}`));
      assert.equal(parsed.format, 'threat-composer');
      assert.equal(parsed.threats.length, threats);
      assert.deepEqual(
        parsed.warnings.map((each) => each.code),
        Array(dangling).fill('dangling-mitigation'),
      );
    });

  it('finds the same 18 ids in two files of one series', { skip: NO_SAMPLES }, () => {
    const [first, later] = ['reinforce2024-ex1.tc.json', 'reinforce2024-ex3.3.tc.json'].map(
      (file) => new Set(parse(sample(`threat-composer/${file}`)).threats.map((each) => each.key)),
    );
    assert.ok(first && later);
    assert.equal([...first].filter((each) => later.has(each)).length, 18);
  });

  it('understands a whole threat', () => {
    const { threat } = one(
      {
        statement: 'An attacker can replay a request',
        threatAction: 'replay a request',
        displayedStatement: ['An <b>attacker</b>'],
        tags: ['CWE-294', 'payments'],
        status: 'threatIdentified',
        metadata: [
          { key: 'Priority', value: 'High' },
          { key: 'STRIDE', value: ['S', 'T'] },
        ],
      },
      {
        mitigations: [{ id: 'm1', numericId: 1, content: 'Use a key', status: 'mitigationInProgress' }],
        mitigationLinks: [{ mitigationId: 'm1', linkedId: ID }],
      },
    );
    const { copy: _, ...rest } = threat;
    assert.deepEqual(rest, {
      key: ID,
      displayRef: 'T-7',
      title: 'Replay a request',
      description: 'An attacker can replay a request',
      status: 'identified',
      severity: 'high',
      category: { taxonomy: 'STRIDE', values: ['Spoofing', 'Tampering'] },
      mitigations: [{ key: 'm1', title: 'Use a key', status: 'in-progress', shared: false }],
      references: ['CWE-294'],
      tags: ['payments'],
      raw: { status: 'threatIdentified', severity: 'High' },
    });
  });

  it('takes the statement for a title where no action is written', () => {
    assert.equal(
      one({ statement: 'Someone can do harm', threatAction: '' }).threat.title,
      'Someone can do harm',
    );
  });

  it('believes our note only where the status agrees with it', () => {
    const cases: [word: string, note: string, status: Status][] = [
      ['threatResolved', 'accepted', 'accepted'],
      ['threatResolved', 'transferred', 'transferred'],
      ['threatResolved', 'avoided', 'avoided'],
      ['threatIdentified', 'accepted', 'identified'],
      ['threatIdentified', 'analyzing', 'analyzing'],
      ['threatIdentified', 'mitigating', 'mitigating'],
      ['threatResolved', 'mitigating', 'mitigated'],
      ['threatResolvedNotUseful', 'accepted', 'false-positive'],
      ['threatResolved', 'nonsense', 'mitigated'],
    ];
    for (const [word, note, status] of cases)
      assert.equal(one(noted(word, note)).threat.status, status, `${word}, ${note}`);
  });

  it('says which mitigations are shared', () => {
    const other = '1d1f2a9e-52f4-4d55-9c11-0c5b8d7f1a10';
    const parsed = parse(
      bytesOf({
        schema: 1,
        threats: [
          { id: ID, numericId: 1 },
          { id: other, numericId: 2 },
        ],
        mitigations: ['m1', 'm2'].map((id, index) => ({ id, numericId: index, content: id })),
        mitigationLinks: [
          { mitigationId: 'm1', linkedId: ID },
          { mitigationId: 'm1', linkedId: other },
          { mitigationId: 'm2', linkedId: ID },
        ],
      }),
    );
    assert.deepEqual(
      parsed.threats.map((each) => each.mitigations.map((m) => [m.key, m.shared])),
      [
        [
          ['m1', true],
          ['m2', false],
        ],
        [['m1', true]],
      ],
    );
  });

  it('warns of a link that leads nowhere, not of one to an assumption', () => {
    const { warnings } = one(
      {},
      {
        assumptions: [{ id: 'a1', numericId: 1, content: 'x' }],
        mitigations: [{ id: 'm1', numericId: 1, content: 'x' }],
        mitigationLinks: [
          { mitigationId: 'm1', linkedId: 'a1' },
          { mitigationId: 'm1', linkedId: 'nobody' },
          { mitigationId: 'nothing', linkedId: ID },
        ],
      },
    );
    assert.deepEqual(
      warnings.map((each) => each.where),
      ['/mitigationLinks/1', '/mitigationLinks/2'],
    );
  });

  it('keeps no image', () => {
    const image = `data:image/png;base64,${'iVBOR'.repeat(1000)}`;
    const parsed = parse(bytesOf(workspace({}, { architecture: { image }, dataflow: { image } })));
    assert.ok(!JSON.stringify(parsed).includes('iVBOR'));
  });
});

function write(text: string, status: Status, issueUrl?: string) {
  const { bytes, unwritten } = threatComposer.patch(bytesOf(text), [
    { key: ID, status, ...(issueUrl === undefined ? {} : { issueUrl }) },
  ]);
  assert.deepEqual(unwritten, []);
  const after = textOf(bytes);
  return { after, status: parse(bytes).threats[0]?.status, ...changedLines(text, after) };
}
const pretty = (content: object): string => JSON.stringify(content, null, 2);

describe('writing Threat Composer', () => {
  it('changes one line for a status that the tool has a word for', () => {
    const { gone, added } = write(pretty(workspace({ status: 'threatIdentified', tags: [] })), 'mitigated');
    assert.deepEqual([gone, added], [['"status": "threatIdentified",'], ['"status": "threatResolved",']]);
  });

  it('adds a missing status as one line, and none for a threat that is open anyway', () => {
    const text = pretty(workspace({ statement: 'x' }));
    assert.equal(write(text, 'identified').after, text);
    const { gone, added } = write(text, 'false-positive');
    assert.deepEqual([gone, added], [[], ['"status": "threatResolvedNotUseful",']]);
  });

  it('notes the exact status in metadata where the tool has no word for it', () => {
    const text = pretty(
      workspace({ status: 'threatResolved', metadata: [{ key: 'Priority', value: 'Low' }] }),
    );
    const { gone, added, status } = write(text, 'accepted');
    assert.deepEqual(gone, []);
    assert.deepEqual(added.toSorted(), ['"key": "custom:tmi-status",', '"value": "accepted"', '{', '},']);
    assert.equal(status, 'accepted');
  });

  it('adds metadata where there is none, and the address of the issue beside the status', () => {
    const { after } = write(
      pretty(workspace({ status: 'threatIdentified' })),
      'transferred',
      'https://tracker/1',
    );
    const threat: unknown = JSON.parse(after).threats[0];
    assert.deepEqual(threat, {
      id: ID,
      numericId: 7,
      metadata: [
        { key: 'custom:tmi-status', value: 'transferred' },
        { key: 'custom:tmi-issue', value: 'https://tracker/1' },
      ],
      status: 'threatResolved',
    });
  });

  it('corrects a note that would contradict the new status, and never removes one', () => {
    const { gone, added, status } = write(
      pretty(workspace(noted('threatResolved', 'accepted'))),
      'mitigated',
    );
    assert.deepEqual([gone, added], [['"value": "accepted"'], ['"value": "mitigated"']]);
    assert.equal(status, 'mitigated');
  });

  it('writes the address of an issue only when it is another one', () => {
    const text = pretty(workspace({ metadata: [{ key: 'custom:tmi-issue', value: 'https://tracker/1' }] }));
    assert.equal(write(text, 'identified', 'https://tracker/1').after, text);
    assert.deepEqual(write(text, 'identified', 'https://tracker/2').added, ['"value": "https://tracker/2"']);
  });

  it('reads back every status from every start, and writes it only once', () => {
    const start = fc.record(
      {
        status: fc.constantFrom('threatIdentified', 'threatResolved', 'threatResolvedNotUseful'),
        metadata: fc.uniqueArray(
          fc.oneof(
            fc.record({ key: fc.constant('custom:tmi-status'), value: fc.constantFrom(...STATUSES) }),
            fc.record({ key: fc.constant('Priority'), value: fc.constant('High') }),
          ),
          { selector: (each) => each.key },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        start,
        fc.constantFrom(...STATUSES),
        fc.constantFrom(undefined, 2, '\t'),
        (threat, status, indent) => {
          const text = JSON.stringify(workspace(threat), null, indent);
          const first = write(text, status, 'https://tracker/9');
          assert.equal(first.status, status);
          assert.equal(write(first.after, status, 'https://tracker/9').after, first.after);
        },
      ),
    );
  });

  it('changes only lines of the threats that changed in a whole workspace', () => {
    const text = textOf(demoModel('claims-portal.tc.json'));
    const [first, second] = parse(bytesOf(text)).threats;
    assert.ok(first && second);
    const { bytes } = threatComposer.patch(bytesOf(text), [
      { key: first.key, status: 'mitigated' },
      { key: second.key, status: second.status },
    ]);
    const { gone, added } = changedLines(text, textOf(bytes));
    assert.deepEqual([gone, added], [['"status": "threatIdentified"'], ['"status": "threatResolved"']]);
  });
});
