import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';

const SHOWN = 20;

/** The content as the schema reads it. Throws `model-unreadable` with a JSON pointer for each fault. */
export function checked<T>(schema: z.ZodType<T>, content: unknown, title: string): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, SHOWN).map((issue) => ({
    pointer: pointerOf(issue.path),
    detail: issue.message,
  }));
  const first = faults[0];
  const where = first === undefined ? '' : `: ${first.pointer || 'the whole file'}: ${first.detail}`;
  throw new AppError(
    'model-unreadable',
    `This ${title} is not as its tool writes it${where}. Open and save it in the tool, or correct the places named.`,
    { faults },
  );
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
