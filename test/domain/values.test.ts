import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { FieldKey } from '../../src/domain/link.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import { issueValues, keysOf, labelsOf, put, threatValues } from '../../src/domain/values.ts';
import { issueOf, linked, MODEL, SHAPE, sidesOf, threatOf, withThreat } from './world.ts';

const KEYS: FieldKey[] = ['status', 'title', 'block', 'severity', 'priority', 'label:threat-model'];
const putOf = (threat = threatOf(), model = MODEL, shape = SHAPE, mapping = DEFAULT_MAPPING) =>
  put(threat, model, mapping, shape);

const shown = (given: Parameters<typeof issueOf>[0], keys = KEYS) =>
  issueValues(issueOf(given), DEFAULT_MAPPING, SHAPE, keys);
const said = (world = linked()) => threatValues(world.threat, SHAPE);

describe('what the issue should show', () => {
  it('is not another block or title because the status, the revision or the numbers changed', () => {
    const threat = threatOf();
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.string(), fc.nat(), (status, revision, number) => {
        const later = { ...threat, status, number, version: number, updatedAt: '2030-01-01T00:00:00.000Z' };
        const now = putOf(later, { ...MODEL, source: { ...MODEL.source, revision } });
        const { status: _, ...rest } = now;
        const { status: _before, ...before } = putOf(threat);
        assert.deepEqual(rest, before);
      }),
    );
  });

  it('keeps to the limits of the tracker whatever the threat says', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.constantFrom('@a '.repeat(90), '🏴‍☠️'.repeat(90)),
    );
    fc.assert(
      fc.property(text, text, fc.integer({ min: 12, max: 130 }), (title, description, limit) => {
        const shape = { ...SHAPE, titleLimit: limit, blockLimit: 400 + limit };
        const { title: line = '', block } = putOf(threatOf({ title, description }), MODEL, shape);
        assert.ok(line !== null && line.length <= limit && line !== '' && !/[\r\n]/.test(line), String(line));
        assert.ok((block ?? '').length <= shape.blockLimit);
      }),
    );
  });

  it('is in the form in which the issue is read, so that our own write is no edit', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(text, text, (title, description) => {
        const wanted = putOf(threatOf({ title, description }));
        assert.equal(SHAPE.canonTitle(wanted.title ?? ''), wanted.title);
        assert.equal(SHAPE.canonBlock(wanted.block ?? ''), wanted.block);
      }),
    );
  });

  it('holds only the fields that the tracker can hold', () => {
    const shape = { ...SHAPE, fields: new Set(['status', 'title'] as const) };
    assert.deepEqual(keysOf(putOf(threatOf(), MODEL, shape)), ['status', 'title']);
    assert.deepEqual(keysOf(threatValues(threatOf(), shape)), ['status', 'title']);
    const labels = keysOf(putOf(threatOf(), MODEL, { ...SHAPE, fields: new Set(['label:*'] as const) }));
    assert.deepEqual(labels.toSorted(), ['label:stride-tampering', 'label:threat-model']);
  });

  it('says no severity where the mapping has no label, and no priority where it names none', () => {
    assert.equal(putOf(threatOf({ severity: 'unspecified' })).severity, null);
    assert.ok(!('priority' in putOf()));
    const severity = { ...DEFAULT_MAPPING.severity, priorities: { high: 'P1' } };
    assert.equal(putOf(threatOf(), MODEL, SHAPE, { ...DEFAULT_MAPPING, severity }).priority, 'P1');
  });
});

describe('the labels of a threat', () => {
  it('are those of the integration and its STRIDE categories', () => {
    const category = {
      taxonomy: 'stride',
      values: ['Denial of service', ' Tampering ', 'Tampering', 'Nonsense'],
    };
    assert.deepEqual(labelsOf({ category }, { labels: ['a', 'b', 'a'] }), [
      'a',
      'b',
      'stride-denial-of-service',
      'stride-tampering',
    ]);
    assert.deepEqual(
      labelsOf({ category: { taxonomy: 'LINDDUN', values: ['Tampering'] } }, { labels: [] }),
      [],
    );
  });
});

describe('what the issue shows', () => {
  it('is what was written, right after it was written', () => {
    const world = linked(threatOf({ title: 'A *strange* `title` #12', description: '@everyone\n/close' }));
    const sides = sidesOf(world);
    for (const field of keysOf(sides.put)) assert.equal(sides.issue[field], sides.put[field], field);
  });

  it('is unknown, not absent, where the block is damaged or could not be read', () => {
    assert.equal(shown({ block: { kind: 'absent' } }).block, null);
    for (const block of [{ kind: 'damaged', why: 'w' }, { kind: 'unknown' }] as const)
      assert.ok(!('block' in shown({ block })));
  });

  it('tells our labels apart from those that only look alike, without regard to case', () => {
    assert.equal(shown({ labels: ['Threat-Model'] })['label:threat-model'], 'present');
    assert.equal(shown({ labels: ['threat-model-2'] })['label:threat-model'], null);
  });

  it('is unknown for a label that has left the settings', () => {
    assert.ok(!('label:old' in shown({ labels: ['old'] }, ['label:old'])));
    assert.equal(shown({}, ['label:stride-spoofing'])['label:stride-spoofing'], null);
  });

  it('names every severity label that it carries, in one order', () => {
    assert.equal(
      shown({ labels: ['severity-low', 'Severity-Medium'] }).severity,
      'severity-low, severity-medium',
    );
    assert.equal(shown({ labels: ['severity'] }).severity, null);
  });

  it('is the same text however the tracker ends its lines and trims', () => {
    const text = linked().issue.block;
    assert.ok(text.kind === 'present');
    const rewritten = { ...text, text: `\r\n${text.text.replaceAll('\n', '  \r\n')}\r\n\r\n` };
    assert.equal(shown({ block: rewritten }).block, shown({ block: text }).block);
    assert.equal(shown({ title: ' A  title\t' }).title, 'A title');
  });
});

describe('what counts as a change of the threat', () => {
  it('is its content, its status and what its labels say; not its version or number', () => {
    const world = linked();
    assert.deepEqual(said({ ...world, threat: { ...world.threat, version: 9, number: 9 } }), said());
    assert.notEqual(said(withThreat(world, { description: 'Other' })).block, said().block);
    assert.notEqual(said(withThreat(world, {}, 'accepted')).status, said().status);
    assert.equal(said(withThreat(world, {}, 'accepted')).block, said().block);
  });
});
