import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { fileReader } from '../../src/sources/reader.ts';
import { bytesOf, demoModel } from './samples.ts';

const reader = fileReader();

async function refused(
  bytes: Uint8Array,
  code: ErrorCode,
  message: RegExp,
  using = reader,
): Promise<AppError> {
  let error: unknown;
  await using.read(bytes).catch((thrown: unknown) => (error = thrown));
  assert.ok(error instanceof AppError, `was not refused: ${String(error)}`);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return error;
}

describe('the file reader', () => {
  it('reads a model in a thread of its own and says what it found', async () => {
    const model = await reader.read(demoModel('payments.json'));
    assert.equal(model.name, 'Payments');
    assert.equal(model.threats.length, 16);
    assert.match(model.detected, /^OWASP Threat Dragon v2 \(detail\.diagrams with cells\)$/);
  });

  it('reads many files at once', async () => {
    const files = [
      'payments.json',
      'claims-portal.tc.json',
      'payments.json',
      'claims-portal.tc.json',
      'payments.json',
    ];
    const models = await Promise.all(files.map((file) => reader.read(demoModel(file))));
    assert.deepEqual(
      models.map((each) => each.threats.length),
      [16, 30, 16, 30, 16],
    );
  });

  it('writes statuses in that thread, too', async () => {
    const file = demoModel('payments.json');
    const { bytes, unwritten } = await reader.patch('threat-dragon-v2', file, []);
    assert.deepEqual([Buffer.from(bytes).equals(file), unwritten], [true, []]);
  });

  it('refuses an empty file, a cut one and one in another encoding, with the place', async () => {
    const file = demoModel('payments.json');
    await refused(new Uint8Array(), 'model-unreadable', /empty/);
    const cut = await refused(
      file.subarray(0, 20_000),
      'model-unreadable',
      /not valid JSON.*line \d+, column \d+/,
    );
    assert.match(cut.faults[0]?.pointer ?? '', /^line \d+, column \d+$/);
    await refused(Buffer.from('\uFEFF{}', 'utf16le'), 'model-unreadable', /UTF-16.*Save it again as UTF-8/);
    await refused(Uint8Array.of(0x7b, 0xc3, 0x28), 'model-unreadable', /not UTF-8/);
  });

  it('says pointer and line of a value of the wrong type', async () => {
    const text = '{\n "summary": { "title": "x" },\n "detail": { "diagrams": [\n  { "cells": "none" } ] }\n}';
    const error = await refused(bytesOf(text), 'model-unreadable', /\/detail\/diagrams\/0\/cells/);
    assert.equal(error.faults[0]?.pointer, '/detail/diagrams/0/cells');
    assert.match(error.faults[0]?.detail ?? '', /line 4, column 14/);
  });

  it('keeps to its limits on bytes, threats and depth', async () => {
    const small = fileReader({ maxBytes: 1000, maxThreats: 3 });
    await refused(demoModel('payments.json'), 'model-limit-exceeded', /at most 0\.0 MiB|MiB are read/, small);
    const few = fileReader({ maxThreats: 3 });
    await refused(demoModel('payments.json'), 'model-limit-exceeded', /16 threats; at most 3/, few);
    await refused(
      bytesOf('['.repeat(200) + ']'.repeat(200)),
      'model-limit-exceeded',
      /more than 100 levels deep/,
    );
  });

  it('gives up on a file that takes too long, and on one that takes too much memory', async () => {
    const hasty = fileReader({ timeLimitMs: 1 });
    await refused(demoModel('payments.json'), 'model-limit-exceeded', /longer than 0\.001 seconds/, hasty);
    const greedy = fileReader({ heapMiB: 16 });
    const large = bytesOf(`[${'[],'.repeat(1_000_000)}0]`);
    await refused(large, 'model-limit-exceeded', /more than 16 MiB of memory/, greedy);
  });
});
