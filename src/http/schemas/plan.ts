import { z } from 'zod';
import { POLICIES } from '../../domain/integration.ts';
import { Time, Value } from './words.ts';

export const StepAnswer = z
  .object({
    kind: z.enum([
      'agree',
      'push',
      'pull',
      'release',
      'leave',
      'conflict',
      'withdraw',
      'question',
      'stuck',
      'restored',
    ]),
    field: z.string(),
    threat: Value.optional(),
    issue: Value.optional(),
    from: Value.optional(),
    to: Value.optional(),
    base: z.object({ threat: Value, issue: Value }).optional(),
    owned: z.boolean().optional(),
    wonBy: z.enum([...POLICIES, 'rule', 'unfinished-write', 'crossed-write']).optional(),
    rule: z.string().optional().meta({ description: 'The rule that decided, in words.' }),
    chosenOver: Value.optional(),
    awaits: z
      .boolean()
      .optional()
      .meta({ description: 'The issue is closed as done, which counts once it was verified.' }),
    reason: z.string().optional(),
    undo: z
      .object({
        runId: z.string(),
        holds: z.boolean().meta({ description: 'The field is held afterwards, until a person releases it.' }),
        link: z.enum(['ends', 'revives']).optional(),
      })
      .optional()
      .meta({ description: 'What it takes back of an earlier run.' }),
  })
  .meta({ id: 'Step', description: 'One thing to do about one field.' });

export const PlanAnswer = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    mappingVersion: z.int(),
    createdAt: Time,
    undoes: z.string().optional().meta({ description: 'The run that it takes back.' }),
    items: z
      .array(
        z.object({
          id: z.string().meta({
            description: 'The same in every plan that asks for the same thing; `items` of a sync names it.',
          }),
          action: z.enum(['create', 'update', 'none', 'skip', 'recreate', 'detach']),
          threatId: z.string(),
          mitigationKey: z
            .string()
            .optional()
            .meta({ description: 'The line is about this mitigation of the threat.' }),
          linkId: z.string().optional(),
          issueKey: z.string().optional(),
          title: z.string(),
          steps: z.array(StepAnswer).readonly(),
          path: z.array(z.string()).readonly().optional(),
          skip: z.object({ code: z.string(), message: z.string() }).optional(),
          movedTo: z.string().optional().meta({
            description: 'For `detach`: where its issue was moved to, outside the project.',
          }),
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
      .array(
        z.object({
          threatId: z.string(),
          mitigationKey: z.string().optional(),
          issueKey: z.string(),
          url: z.string(),
          why: z.string(),
        }),
      )
      .readonly(),
    brakes: z.array(z.object({ code: z.string(), message: z.string() })).readonly(),
  })
  .meta({ id: 'Plan', description: 'What a sync would do now. Nothing has been written.' });
