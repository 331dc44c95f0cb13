import { z } from 'zod';

/** Words that real files also write as numbers, leave out or set to null. */
const Word = z.union([z.string(), z.number(), z.boolean()]).nullish();

/** A threat of a cell; only what we use. The published schema says `threatId`, the tool writes `id`. */
export const DragonThreat = z.object({
  id: Word,
  threatId: Word,
  number: Word,
  title: Word,
  status: Word,
  severity: Word,
  score: Word,
  type: Word,
  modelType: Word,
  description: Word,
  mitigation: Word,
  cardSuit: Word,
  cardNumber: Word,
  eopGameId: Word,
});
export type DragonThreat = z.infer<typeof DragonThreat>;

export const DragonCell = z.object({
  id: Word,
  data: z
    .object({
      name: Word,
      type: Word,
      outOfScope: z.boolean().nullish(),
      reasonOutOfScope: Word,
      hasOpenThreats: z.boolean().nullish(),
      threats: z.array(DragonThreat).nullish(),
    })
    .nullish(),
});
export type DragonCell = z.infer<typeof DragonCell>;

export const DragonDiagram = z.object({
  title: Word,
  diagramType: Word,
  cells: z.array(DragonCell).nullish(),
});
export type DragonDiagram = z.infer<typeof DragonDiagram>;

/** https://github.com/OWASP/threat-dragon/blob/main/td.vue/src/assets/schema/threat-dragon-v2.schema.json */
export const DragonModel = z.object({
  version: Word,
  summary: z.object({ title: Word }),
  detail: z.object({ diagrams: z.array(DragonDiagram) }),
});
export type DragonModel = z.infer<typeof DragonModel>;
