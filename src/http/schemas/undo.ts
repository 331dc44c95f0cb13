import { z } from 'zod';
import { StepAnswer } from './plan.ts';

const Whose = {
  linkId: z.string(),
  threatId: z.string().optional(),
  issueKey: z.string().optional(),
  title: z.string().optional(),
};

export const UndoAnswer = z
  .object({
    runId: z.string(),
    does: z
      .array(z.object({ ...Whose, step: StepAnswer, sentence: z.string() }))
      .readonly()
      .meta({ description: 'What would be written, field by field.' }),
    leaves: z
      .array(
        z.object({
          ...Whose,
          fields: z.array(z.string()).readonly().meta({ description: 'Empty: the whole link.' }),
          code: z.string(),
          message: z.string(),
        }),
      )
      .readonly()
      .meta({ description: 'What would stay as it is, and why.' }),
    brakes: z.array(z.object({ code: z.string(), message: z.string() })).readonly(),
  })
  .meta({ id: 'Undo', description: 'What taking back a run would do now. Nothing has been written.' });
