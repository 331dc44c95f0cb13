import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { AppError } from '../../src/domain/errors.ts';
import { addItems, addMember, applyEdits, replaceValue } from '../../src/sources/json-edit.ts';
import { nodeAt, placeOf, readJson } from '../../src/sources/json-text.ts';
import type { JsonNode } from '../../src/sources/json-text.ts';

/** What a node says, taken from its own place in the text. */
function valueOf(text: string, node: JsonNode): unknown {
  if (node.kind === 'scalar') return JSON.parse(text.slice(node.start, node.end));
  if (node.kind === 'array') return node.items.map((each) => valueOf(text, each));
  return Object.fromEntries(node.members.map((each) => [each.key, valueOf(text, each.value)]));
}

function refusal(text: string, maxDepth?: number): AppError {
  try {
    readJson(text, maxDepth);
  } catch (thrown) {
    assert.ok(thrown instanceof AppError);
    return thrown;
  }
  return assert.fail(`was read: ${text}`);
}

/** Objects whose members no parser treats in a special way. */
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
const layout = fc.constantFrom(undefined, 2, '\t', ' ');

describe('readJson', () => {
  it('finds every value where JSON.parse finds it', () => {
    fc.assert(
      fc.property(json, layout, fc.boolean(), (value, indent, mark) => {
        const text = `${mark ? '\uFEFF' : ''}${JSON.stringify(value, null, indent)}\n`;
        assert.deepEqual(valueOf(text, readJson(text)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses exactly what JSON.parse refuses, but for a key that appears twice', () => {
    const damaged = fc.tuple(json, fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '\\', '0', 'x', '\n'));
    fc.assert(
      fc.property(damaged, ([value, place, put]) => {
        const whole = JSON.stringify(value);
        const cut = place % whole.length;
        const text = whole.slice(0, cut) + put + whole.slice(cut + 1);
        const [ours, theirs] = [outcome(() => readJson(text)), outcome(() => JSON.parse(text))];
        assert.ok(ours === theirs || ours.includes('appears twice'), `${text}: ${ours} / ${theirs}`);
      }),
      { numRuns: 500 },
    );
  });

  const faults: [text: string, where: string, what: RegExp][] = [
    ['', 'line 1, column 1', /the file is empty/],
    ['{\n  "a": 1,\n}', 'line 3, column 1', /expected a key in quotes, found "}"/],
    ['{"a": [1, 2', 'line 1, column 12', /end of the file \(it may have been cut off\)/],
    ['{"a": "never closed', 'line 1, column 7', /not closed/],
    ['{"a": "tab\there"}', 'line 1, column 7', /needs an escape/],
    ['{"a": 01}', 'line 1, column 8', /expected "," or "}"/],
    ['{"a": 1} {}', 'line 1, column 10', /after the end/],
    ['{\n "a": 1,\n "\\u0061": 2\n}', 'line 3, column 2', /the key "a" appears twice/],
    ['\uFEFF\n[nul]', 'line 2, column 2', /expected a value/],
  ];
  for (const [text, where, what] of faults)
    it(`says where ${JSON.stringify(text)} is wrong`, () => {
      const error = refusal(text);
      assert.equal(error.code, 'model-unreadable');
      assert.match(error.message, what);
      assert.equal(error.faults[0]?.pointer, where);
    });

  it('refuses values nested deeper than the limit', () => {
    assert.equal(refusal('[[[[]]]]', 3).code, 'model-limit-exceeded');
    assert.ok(readJson('[[[]]]', 3));
    assert.equal(refusal('['.repeat(1_000_000)).code, 'model-limit-exceeded');
  });

  it('reads a string of many megabytes', () => {
    const text = JSON.stringify({ image: 'A'.repeat(15_000_000), quotes: '"'.repeat(100_000) });
    assert.equal(readJson(text).end, text.length);
  });

  it('counts lines and columns from one, without the byte order mark', () => {
    assert.equal(placeOf('\uFEFFab\ncd', 1), 'line 1, column 1');
    assert.equal(placeOf('ab\r\ncd', 5), 'line 2, column 2');
  });
});

function outcome(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (thrown) {
    const twice = thrown instanceof AppError && thrown.message.includes('appears twice');
    return twice ? 'appears twice' : 'refused';
  }
}

function at(text: string, ...path: (string | number)[]): JsonNode {
  const node = nodeAt(readJson(text), path);
  assert.ok(node);
  return node;
}

describe('edits of a JSON text', () => {
  it('replace a value and leave every other character', () => {
    const text = '{ "a" :\t1.50e1,\r\n"b":"\\u00e9" }';
    assert.equal(applyEdits(text, [replaceValue(at(text, 'a'), 'x')]), '{ "a" :\t"x",\r\n"b":"\\u00e9" }');
  });

  const objects: [layout: string, before: string, after: string][] = [
    ['indented', '{\n    "a": 1,\n    "b": 2\n}\n', '{\n    "a": 1,\n    "s": "x",\n    "b": 2\n}\n'],
    ['CRLF', '{\r\n\t"a": 1\r\n}', '{\r\n\t"s": "x",\r\n\t"a": 1\r\n}'],
    ['one line', '{"a":1,"b":2}', '{"a":1,"s":"x","b":2}'],
    ['one line with spaces', '{ "a": 1, "b": 2 }', '{ "a": 1, "s": "x", "b": 2 }'],
    ['unindented lines', '{\n"a": 1,\n"b": 2\n}', '{\n"a": 1,\n"s": "x",\n"b": 2\n}'],
    ['empty', '{}', '{"s":"x"}'],
  ];
  for (const [name, before, after] of objects)
    it(`add a member to an object that is written ${name}`, () => {
      const node = readJson(before);
      assert.ok(node.kind === 'object');
      assert.equal(applyEdits(before, [addMember(before, node, node, 's', 'x')]), after);
    });

  it('add items to an indented array as lines of their own', () => {
    const before = '{\n  "m": [\n    {\n      "k": 1\n    }\n  ]\n}';
    const node = at(before, 'm');
    assert.ok(node.kind === 'array');
    assert.equal(
      applyEdits(before, [addItems(before, readJson(before), node, [{ k: 2 }])]),
      '{\n  "m": [\n    {\n      "k": 2\n    },\n    {\n      "k": 1\n    }\n  ]\n}',
    );
  });

  it('write an empty array anew with the indent of its line', () => {
    const before = '{\n  "m": []\n}';
    const node = at(before, 'm');
    assert.ok(node.kind === 'array');
    assert.equal(
      applyEdits(before, [addItems(before, readJson(before), node, [{ k: 2 }])]),
      '{\n  "m": [\n    {\n      "k": 2\n    }\n  ]\n}',
    );
  });

  it('always leave valid JSON with the new member in it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), json),
        layout,
        json,
        (object, indent, value) => {
          const text = JSON.stringify({ ...object, zz: {} }, null, indent);
          const root = readJson(text);
          assert.ok(root.kind === 'object');
          const after: unknown = JSON.parse(applyEdits(text, [addMember(text, root, root, 'ZZ', value)]));
          assert.deepEqual(after, JSON.parse(JSON.stringify({ ...object, zz: {}, ZZ: value })));
        },
      ),
    );
  });
});
