import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { bytesOf, NO_SAMPLES, parse, sample } from './samples.ts';

function refusal(bytes: Uint8Array, message: RegExp): AppError {
  try {
    parse(bytes);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'model-format-unknown');
    assert.match(error.message, message);
    return error;
  }
  return assert.fail('was not refused');
}

describe('a file that is not read', () => {
  const others: [content: string, message: RegExp][] = [
    ['[]', /Threagile risks file/],
    ['[{"synthetic_id": "a@b"}]', /Threagile risks file/],
    ['{"threagile_version": "1.0.0"}', /Threagile model/],
    ['threagile_version: 1.0.0\ntitle: x\n', /Threagile model/],
    ['{"otmVersion": "0.2.0"}', /Open Threat Model/],
    ['# c\notmVersion: 0.2.0\n', /Open Threat Model/],
    ['{"bomFormat": "CycloneDX"}', /CycloneDX/],
    ['{"threat_personas": [], "threats": [], "controls": []}', /Threat Model Library/],
    ['{"findings": [], "elements": []}', /pytm/],
    [
      '{"summary": {}, "detail": {"diagrams": [{"diagramJson": {}}]}}',
      /Threat Dragon v1 model.*Open it in Threat Dragon 2/,
    ],
    ['{"summary": {}, "detail": {"diagrams": []}}', /Threat Dragon v1 model without diagrams/],
    ['{"version": "3.0", "summary": {}, "detail": {"diagrams": [{"cells": []}]}}', /newer version than 2/],
    ['{"version": "2.0", "summary": {}, "details": {}}', /no detail\.diagrams/],
    ['{"schema": 2, "applicationInfo": {}}', /another schema than 1/],
    ['{"hello": "world"}', /no threat model of a kind that we know/],
    ['"text"', /no threat model of a kind that we know/],
    ['<ThreatModel xmlns="http://schemas.datacontract.org/2004/07/ThreatModeling.Model"/>', /\(\.tm7\)/],
    ['<KnowledgeBase/>', /template \(\.tb7\)/],
    ['PK\u0003\u0004', /zip archive/],
    ['<!doctype html>', /XML or HTML/],
  ];
  for (const [content, message] of others)
    it(`names what ${content.slice(0, 40).replaceAll('\n', ' ')} is`, () => {
      const error = refusal(bytesOf(content), message);
      assert.match(error.message, /This version reads OWASP Threat Dragon v2 and AWS Threat Composer/);
    });

  it('names every format of the sample files that it does not read', { skip: NO_SAMPLES }, () => {
    const files: [path: string, message: RegExp][] = [
      ['threat-dragon-v1/ddf-CatalogUI.json', /Threat Dragon v1/],
      ['threagile/threagile-stub.yaml', /Threagile model/],
      ['threagile/risks-small.json', /Threagile risks/],
      ['otm/coordinates-line.otm', /Open Threat Model/],
      ['otm/mtmt_example.yaml', /Open Threat Model/],
      ['pytm/payment-online.json', /pytm/],
      ['tm-library/husky-ai.json', /Threat Model Library/],
      ['tm-library/otm-in-cyclonedx.cdx.json', /CycloneDX/],
      ['tm7/dc27nttm.tm7', /\.tm7/],
      ['threat-dragon-v2/malformed.json', /looks like a Threat Dragon model/],
    ];
    for (const [path, message] of files) refusal(sample(path), message);
  });
});
