import { z } from 'zod';
import { fromGiven } from '../domain/canonical.ts';
import { AppError } from '../domain/errors.ts';
import { MITIGATION_STATUSES, SEVERITIES, STATUSES } from '../domain/threat.ts';
import type { ParsedModel } from '../ports/source.ts';
import { pointerOf } from './checked.ts';
import { FILE_LIMITS } from './read-model.ts';
import { text } from './words.ts';

const Text = z.string().transform(text);
const Line = z.string().min(1).max(1000).transform(text);

const PlatformThreat = z.strictObject({
  key: z.string().min(1).max(300),
  displayRef: Line.optional(),
  title: z.string().max(1000).transform(text),
  description: Text,
  status: z.enum(STATUSES),
  severity: z.enum(SEVERITIES),
  score: z.number().optional(),
  category: z.strictObject({ taxonomy: z.string().transform(text), values: z.array(Line) }),
  element: z
    .strictObject({
      id: z.string().max(300),
      name: z.string().max(1000).transform(text),
      kind: z.string().max(300).transform(text),
      diagram: Line.optional(),
      outOfScope: z.boolean().optional(),
    })
    .optional(),
  mitigations: z.array(
    z.strictObject({
      key: z.string().min(1).max(300),
      title: Text,
      description: Text.optional(),
      status: z.enum(MITIGATION_STATUSES),
      shared: z.boolean(),
    }),
  ),
  references: z.array(Line),
  tags: z.array(Line),
  justification: Text.optional(),
});

/** A model in our canonical words: what the platform keeps. Keys, hashes and presence derived by us are not in it. */
const PlatformModel = z.strictObject({
  name: z.string().min(1).max(1000).transform(text),
  source: z
    .strictObject({
      repo: z.string().optional(),
      path: z.string().optional(),
      revision: z.string().optional(),
    })
    .optional(),
  threats: z
    .array(PlatformThreat)
    .max(FILE_LIMITS.maxThreats)
    .refine(haveKeysOfTheirOwn, 'two threats have the same key'),
});

function haveKeysOfTheirOwn(threats: readonly { key: string }[]): boolean {
  return new Set(threats.map((each) => each.key)).size === threats.length;
}

/** Parse a model of the platform. Throws `model-unreadable` with a JSON pointer for each fault. */
export function parsePlatformModel(content: unknown): ParsedModel {
  const result = PlatformModel.safeParse(content);
  if (!result.success) {
    const faults = result.error.issues.map((each) => ({
      pointer: pointerOf(each.path),
      detail: each.message,
    }));
    const first = faults[0];
    const where = first === undefined ? '' : `: ${first.pointer || 'the whole model'}: ${first.detail}`;
    throw new AppError('model-unreadable', `This is not a threat model in canonical words${where}.`, {
      faults,
    });
  }
  const { name, threats } = result.data;
  return {
    format: 'platform',
    name,
    detected: 'canonical model',
    threats: threats.map(fromGiven),
    warnings: [],
  };
}
