import { z } from 'zod';
import { INTEGRATION_STATES } from '../../domain/integration.ts';
import { RunAnswer } from './run.ts';
import { Time } from './words.ts';

export const StatusAnswer = z
  .object({
    integrationId: z.string(),
    health: z.enum(['healthy', 'waiting', 'degraded', 'paused', 'broken']),
    summary: z.string().meta({ description: 'What is so, and what to do.' }),
    state: z.enum(INTEGRATION_STATES),
    since: Time,
    lastRun: RunAnswer.optional(),
    nextRunAt: Time.optional(),
    counts: z.object({
      inSync: z.int(),
      pending: z.int(),
      conflicts: z.int(),
      needsAnswer: z.int(),
      held: z.int().meta({ description: 'Links of which a field is held after an undo.' }),
      failed: z.int(),
      links: z.record(z.string(), z.int()).readonly(),
    }),
    rate: z
      .object({
        remaining: z.number().optional(),
        limit: z.number().optional(),
        resetsAt: Time.optional(),
        resumeAt: Time.optional(),
        breaker: z.enum(['closed', 'open', 'half-open']),
      })
      .optional()
      .meta({ description: "The tracker's rate budget as last seen." }),
    webhook: z.object({
      state: z.enum(['registered', 'manual', 'failing']),
      url: z.string().optional(),
      detail: z.string(),
      lastDeliveryAt: Time.optional(),
    }),
    parent: z
      .object({ state: z.enum(['ok', 'waiting', 'degraded', 'gone']), detail: z.string() })
      .optional()
      .meta({ description: 'Whether issues stand under their parent, where one was asked for.' }),
    problems: z
      .array(z.object({ code: z.string(), message: z.string(), count: z.int() }))
      .readonly()
      .meta({ description: 'Failures grouped by cause.' }),
  })
  .meta({ id: 'IntegrationStatus', description: 'Is it working, and what does it need?' });

export const ConnectAnswer = z
  .object({
    ok: z.boolean(),
    checks: z
      .array(
        z.object({
          name: z.string(),
          outcome: z.enum(['ok', 'failed', 'warning', 'not-checked']),
          detail: z.string(),
          remedy: z.string().optional(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ConnectReport', description: 'Each thing that was looked at, and what to do about it.' });
