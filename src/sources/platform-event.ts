import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { ParsedModel } from '../ports/source.ts';
import { parsePlatformModel } from './platform.ts';

const EventData = z.looseObject({
  id: z.string().min(1).max(300),
  revision: z.coerce.number().int().nonnegative().optional(),
  threats: z.array(z.unknown()).optional(),
});

/** What an event of the platform says: a model's id, and the whole model where it is in the data. */
export interface ModelEvent {
  id: string;
  revision?: number;
  model?: ParsedModel;
}

/** Undefined when the data names no model. A model that is not one is left out: then the event is a hint to fetch it. */
export function readModelEvent(data: unknown): ModelEvent | undefined {
  const read = EventData.safeParse(data);
  if (!read.success) return undefined;
  const { id, revision, ...model } = read.data;
  const parsed = model.threats === undefined ? undefined : modelOf(model);
  return {
    id,
    ...(revision === undefined ? {} : { revision }),
    ...(parsed === undefined ? {} : { model: parsed }),
  };
}

function modelOf(model: unknown): ParsedModel | undefined {
  try {
    return parsePlatformModel(model);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
