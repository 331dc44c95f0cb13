import { z } from 'zod';
import { POLICIES } from '../../domain/integration.ts';
import { Time, Value } from './words.ts';

const StepAnswer = z
  .object({
    kind: z.enum(['agree', 'push', 'pull', 'release', 'leave', 'conflict', 'withdraw', 'question', 'stuck']),
    field: z.string(),
    threat: Value.optional(),
    issue: Value.optional(),
    from: Value.optional(),
    to: Value.optional(),
    base: z.object({ threat: Value, issue: Value }).optional(),
    owned: z.boolean().optional(),
    wonBy: z.enum([...POLICIES, 'unfinished-write']).optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'Step', description: 'One thing to do about one field.' });

export const PlanAnswer = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    mappingVersion: z.int(),
    createdAt: Time,
    items: z
      .array(
        z.object({
          id: z.string().meta({
            description: 'The same in every plan that asks for the same thing; `items` of a sync names it.',
          }),
          action: z.enum(['create', 'update', 'none', 'skip', 'recreate']),
          threatId: z.string(),
          linkId: z.string().optional(),
          issueKey: z.string().optional(),
          title: z.string(),
          steps: z.array(StepAnswer).readonly(),
          path: z.array(z.string()).readonly().optional(),
          skip: z.object({ code: z.string(), message: z.string() }).optional(),
          fields: z.partialRecord(z.string(), Value).readonly().optional(),
        }),
      )
      .readonly(),
    parents: z
      .array(z.object({ modelId: z.string(), title: z.string() }))
      .readonly()
      .optional()
      .meta({ description: 'Parent issues that are made before the creates.' }),
    counts: z.object({
      create: z.int(),
      update: z.int(),
      pull: z.int(),
      conflict: z.int(),
      skip: z.int(),
      unchanged: z.int(),
    }),
    estimatedCalls: z.number(),
    estimatedSeconds: z.number(),
    suggestions: z
      .array(z.object({ threatId: z.string(), issueKey: z.string(), url: z.string(), why: z.string() }))
      .readonly(),
    brakes: z.array(z.object({ code: z.string(), message: z.string() })).readonly(),
  })
  .meta({ id: 'Plan', description: 'What a sync would do now. Nothing has been written.' });
