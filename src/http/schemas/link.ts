import { z } from 'zod';
import { PLACINGS } from '../../domain/issue.ts';
import { LINK_STATES } from '../../domain/link.ts';
import { Id, Time, Value } from './words.ts';

const Values = z.partialRecord(z.string(), Value).readonly();

export const NewLink = z
  .strictObject({
    threatId: Id,
    mitigationKey: z
      .string()
      .min(1)
      .max(500)
      .exactOptional()
      .meta({ description: 'Binds it to this mitigation of the threat.' }),
    issue: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .meta({ description: 'What people call the issue: its number, key or URL.' }),
  })
  .meta({ examples: [{ threatId: '0f8fad5b-d9cb-469f-a165-70867728950e', issue: '42' }] });

export const LinkAnswer = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    threatId: z.string().meta({ description: 'For role `parent` the id of the threat model.' }),
    role: z.enum(['threat', 'mitigation', 'parent']),
    mitigationKey: z.string(),
    state: z.enum(LINK_STATES),
    stateReason: z.string().optional(),
    stateSince: Time,
    issue: z.object({ id: z.string(), key: z.string(), url: z.string() }).optional(),
    base: z
      .object({ threat: Values, issue: Values })
      .optional()
      .meta({ description: 'What each side showed when they last agreed.' }),
    fields: z
      .partialRecord(
        z.string(),
        z.object({
          kind: z.enum([
            'conflict',
            'hold',
            'released',
            'edited',
            'needs-answer',
            'awaits-verification',
            'needs-mapping',
          ]),
          since: Time,
          conflictId: z.string().optional(),
          value: z.string().optional(),
          threat: Value.optional(),
          issue: Value.optional(),
          askedAt: Time.optional(),
          reason: z.string().optional(),
        }),
      )
      .readonly()
      .meta({ description: 'What single fields wait for; the others go on.' }),
    failures: z.int(),
    lastError: z.object({ code: z.string(), message: z.string(), at: Time }).optional(),
    shown: z
      .object({
        title: z.string(),
        status: z.string(),
        assignees: z.array(z.string()).readonly(),
        dueDate: z.string().optional(),
        labels: z.array(z.string()).readonly(),
      })
      .optional()
      .meta({ description: 'What people see of the issue.' }),
    placed: z
      .object({
        kind: z.enum([...PLACINGS, 'left']),
        key: z.string(),
        url: z.string(),
        since: Time,
        reason: z.string().optional(),
      })
      .optional()
      .meta({ description: 'The parent it was put under, once; `left`: people had put it elsewhere.' }),
    placing: z
      .object({ kind: z.enum(PLACINGS), detail: z.string() })
      .optional()
      .meta({ description: 'Of a parent: how issues are put under it.' }),
    syncedAt: Time.optional(),
    version: z.int(),
    createdAt: Time,
  })
  .meta({ id: 'Link', description: '"This threat and this issue are the same thing."' });
