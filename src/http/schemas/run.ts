import { z } from 'zod';
import { RUN_STATES } from '../../domain/run.ts';
import { Time } from './words.ts';

export const SyncBody = z
  .strictObject({
    planId: z.uuid().exactOptional().meta({ description: 'Approves that plan.' }),
    items: z.array(z.string().min(1).max(200)).min(1).max(10_000).exactOptional().meta({
      description:
        'Ids of items of that plan: only these are written. While some are left out, a new integration stays `new`.',
    }),
    confirm: z
      .strictObject({ creates: z.int().min(0).max(100_000).exactOptional() })
      .exactOptional()
      .meta({ description: 'Approves as many creates as named.' }),
    full: z.boolean().exactOptional().meta({ description: 'Read every linked issue.' }),
  })
  .meta({ examples: [{ confirm: { creates: 100 } }] });

const Reason = z.object({ code: z.string(), message: z.string() });

export const RunAnswer = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    trigger: z.string(),
    undoes: z.string().optional().meta({ description: 'The run that it takes back.' }),
    state: z.enum(RUN_STATES),
    full: z.boolean(),
    passes: z.int(),
    passesWanted: z.int(),
    progress: z.object({ done: z.int(), total: z.int() }),
    counts: z.object({
      created: z.int(),
      adopted: z.int(),
      pushed: z.int(),
      pulled: z.int(),
      unchanged: z.int(),
      conflicts: z.int(),
      skipped: z.int(),
      failed: z.int(),
    }),
    calls: z.int().meta({ description: 'Requests sent to the tracker.' }),
    error: Reason.optional(),
    waiting: z.string().optional().meta({ description: 'What it waits for.' }),
    planId: z.string().optional(),
    requestedBy: z.string(),
    createdAt: Time,
    startedAt: Time.optional(),
    finishedAt: Time.optional(),
  })
  .meta({ id: 'Run', description: 'One pass, or several, over one integration.' });

const RunItemAnswer = z
  .object({
    threatId: z.string().optional(),
    mitigationKey: z.string().optional(),
    linkId: z.string().optional(),
    issueKey: z.string().optional(),
    planItemId: z
      .string()
      .optional()
      .meta({ description: 'A chosen item of the plan that was not carried out: `reason` says why.' }),
    outcome: z.enum(['created', 'adopted', 'pushed', 'pulled', 'conflict', 'skipped', 'failed', 'parked']),
    fields: z.array(z.string()).readonly(),
    reason: Reason.optional(),
    at: Time,
  })
  .meta({ id: 'RunItem', description: 'What became of one threat or link in a run.' });

export const RunDetail = RunAnswer.extend({
  items: z.array(RunItemAnswer).readonly(),
  nextCursor: z.string().optional(),
}).meta({ id: 'RunDetail', description: 'A run with a page of its results.' });
