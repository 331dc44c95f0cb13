import { z } from 'zod';
import { TOPICS, VERDICTS } from '../../domain/situation.ts';

export const ExplanationAnswer = z
  .object({
    verdict: z.enum(VERDICTS).meta({
      description: 'Where several are so, the first of these. `left-out`: by the filter or by a person.',
    }),
    summary: z.string().meta({ description: 'The fact that decides the verdict.' }),
    todo: z.string().optional().meta({ description: 'What to do about that; absent: nothing.' }),
    integrationId: z.string(),
    threatId: z.string().optional(),
    linkId: z.string().optional(),
    issue: z.object({ id: z.string(), key: z.string(), url: z.string() }).optional(),
    facts: z
      .array(z.object({ about: z.enum(TOPICS), sentence: z.string(), todo: z.string().optional() }))
      .readonly(),
  })
  .meta({ id: 'Explanation', description: 'Why a threat and its issue are, or are not, in sync.' });
