import { z } from 'zod';
import { FORMATS, MITIGATION_STATUSES } from '../../domain/threat.ts';
import { ConflictAnswer } from './conflict.ts';
import { LinkAnswer } from './link.ts';
import { Severity, Status, Time } from './words.ts';

const content = {
  key: z.string(),
  displayRef: z.string().optional(),
  title: z.string(),
  description: z.string(),
  severity: Severity,
  score: z.number().optional(),
  category: z.object({ taxonomy: z.string(), values: z.array(z.string()).readonly() }),
  element: z
    .object({
      id: z.string(),
      name: z.string(),
      kind: z.string(),
      diagram: z.string().optional(),
      outOfScope: z.boolean().optional(),
    })
    .optional(),
  mitigations: z
    .array(
      z.object({
        key: z.string(),
        title: z.string(),
        description: z.string().optional(),
        status: z.enum(MITIGATION_STATUSES),
        shared: z.boolean(),
      }),
    )
    .readonly(),
  references: z.array(z.string()).readonly(),
  tags: z.array(z.string()).readonly(),
  justification: z.string().optional(),
};

export const ThreatAnswer = z
  .object({
    id: z.string(),
    modelId: z.string(),
    number: z.int().meta({ description: 'Shown to people as `TM-<number>`.' }),
    status: Status,
    ...content,
    acceptance: z
      .object({
        since: Time,
        owner: z.string().optional(),
        reason: z.string().optional(),
        expiresAt: z.string().optional(),
      })
      .optional()
      .meta({ description: 'Of an accepted or transferred risk.' }),
    presence: z.enum(['present', 'missing']),
    missingSince: Time.optional(),
    version: z.int(),
    updatedAt: Time,
  })
  .meta({ id: 'Threat' });

const Warning = z
  .object({ code: z.string(), where: z.string(), message: z.string() })
  .meta({ id: 'Warning', description: 'Something odd in a source that did not stop the import.' });

export const ModelAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    format: z.enum(FORMATS),
    source: z.object({
      repo: z.string().optional(),
      path: z.string().optional(),
      revision: z.string().optional(),
    }),
    importedAt: Time,
    fileHash: z.string().optional().meta({ description: 'SHA-256 of the bytes last imported.' }),
    version: z.int(),
    warnings: z.array(Warning).readonly(),
  })
  .meta({ id: 'ThreatModel' });

export const ModelSummary = ModelAnswer.extend({ threats: z.int(), open: z.int() }).meta({
  id: 'ThreatModelSummary',
});

export const ImportAnswer = z
  .object({
    model: ModelAnswer,
    detected: z.string().meta({ description: 'Which format, and why.' }),
    found: z.int(),
    kept: z.array(z.string()).readonly(),
    new: z.array(z.string()).readonly(),
    renamed: z.array(z.object({ id: z.string(), from: z.string(), to: z.string() })).readonly(),
    gone: z.array(z.string()).readonly(),
    returned: z.array(z.string()).readonly(),
    changed: z.array(z.string()).readonly(),
    warnings: z.array(Warning).readonly(),
  })
  .meta({ id: 'ImportReport', description: 'What an import found and did; lists hold threat ids.' });

export const ThreatDetailAnswer = z
  .object({
    threat: ThreatAnswer,
    model: ModelAnswer,
    links: z.array(LinkAnswer).readonly(),
    comments: z
      .array(
        z.object({
          id: z.string(),
          linkId: z.string(),
          author: z.string(),
          text: z.string(),
          createdAt: Time,
          updatedAt: Time,
        }),
      )
      .readonly(),
    history: z
      .array(
        z.object({
          at: Time,
          actor: z.string(),
          action: z.string(),
          runId: z.string().optional(),
          integrationId: z.string().optional(),
          linkId: z.string().optional(),
          threatId: z.string().optional(),
          mitigationKey: z.string().optional(),
          field: z.string().optional(),
          before: z.string().nullable().optional(),
          after: z.string().nullable().optional(),
          note: z.string().optional(),
        }),
      )
      .readonly(),
    conflicts: z.array(ConflictAnswer).readonly(),
  })
  .meta({ id: 'ThreatDetail', description: 'A threat with both sides, comments and history.' });
