import { z } from 'zod';
import { Time } from './words.ts';

export const HeldImportAnswer = z
  .object({
    id: z.string(),
    modelId: z.string(),
    modelName: z.string(),
    reason: z.string().meta({ description: 'Why it waits.' }),
    found: z.int().meta({ description: 'Threats in the source.' }),
    fresh: z.int().meta({ description: 'Threats that it would add.' }),
    gone: z.int().meta({ description: 'Threats that it would miss.' }),
    source: z
      .object({
        repo: z.string().optional(),
        path: z.string().optional(),
        revision: z.string().optional(),
      })
      .optional(),
    by: z.string(),
    at: Time,
    isOutdated: z
      .boolean()
      .meta({ description: 'The model was imported again since: it can only be discarded.' }),
  })
  .meta({
    id: 'HeldImport',
    description: 'An import that would lose too many threats, and waits for a yes.',
  });
