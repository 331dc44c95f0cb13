import { z } from 'zod';
import { Id, Time } from './words.ts';

export const DeadLettersAnswer = z
  .object({
    count: z.int(),
    causes: z
      .array(
        z.object({
          code: z.string().meta({
            description: 'Of the last error, such as `invalid`; or `block-damaged`, `mark-doubled`.',
          }),
          message: z.string().meta({ description: 'What the newest of them says.' }),
          todo: z.string(),
          count: z.int(),
          items: z
            .array(
              z.object({
                linkId: z.string(),
                role: z.enum(['threat', 'mitigation', 'parent']),
                threatId: z.string().meta({ description: 'For role `parent` the id of the threat model.' }),
                issue: z.object({ id: z.string(), key: z.string(), url: z.string() }).optional(),
                since: Time,
                failures: z.int(),
                reason: z.string(),
              }),
            )
            .readonly()
            .meta({ description: 'The oldest ones, as many as `limit`.' }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'DeadLetters', description: 'Links that were set aside, by cause.' });

export const DeadChoiceBody = z
  .strictObject({
    linkIds: z.array(Id).min(1).max(1000).exactOptional(),
    code: z.string().min(1).max(100).exactOptional().meta({ description: 'All of this cause.' }),
  })
  .meta({
    description: 'Which ones: by id, by cause, or those of the ids that have the cause.',
    examples: [{ code: 'invalid' }],
  });

export const DeadMoved = z
  .object({
    linkIds: z.array(z.string()).readonly().meta({ description: 'Those that were set aside until now.' }),
    left: z.int().meta({ description: 'How many of the cause are left for another call.' }),
  })
  .meta({ id: 'DeadLettersMoved' });
