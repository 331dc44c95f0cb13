import { z } from 'zod';

const Word = z.union([z.string(), z.number(), z.boolean()]).nullish();
const Words = z.array(z.union([z.string(), z.number()])).nullish();

const ComposerMetadata = z.object({ key: z.string(), value: z.union([Word, Words]) });

export const ComposerThreat = z.object({
  id: z.union([z.string().min(1), z.number()]),
  numericId: Word,
  statement: Word,
  threatAction: Word,
  status: Word,
  tags: Words,
  metadata: z.array(ComposerMetadata).nullish(),
});
export type ComposerThreat = z.infer<typeof ComposerThreat>;

const ComposerMitigation = z.object({
  id: z.union([z.string().min(1), z.number()]),
  content: Word,
  status: Word,
  metadata: z.array(ComposerMetadata).nullish(),
});

/**
 * What we use of a workspace; images are never read. The tool's own schema is strict, so we add nothing but metadata:
 * https://github.com/awslabs/threat-composer/blob/main/schemas/threat-composer-v1.schema.json
 */
export const ComposerModel = z.object({
  applicationInfo: z.object({ name: Word }).nullish(),
  assumptions: z.array(z.object({ id: z.union([z.string(), z.number()]) })).nullish(),
  threats: z.array(ComposerThreat).nullish(),
  mitigations: z.array(ComposerMitigation).nullish(),
  mitigationLinks: z
    .array(
      z.object({
        mitigationId: z.union([z.string(), z.number()]),
        linkedId: z.union([z.string(), z.number()]),
      }),
    )
    .nullish(),
});
export type ComposerModel = z.infer<typeof ComposerModel>;
