import type { Work } from './work.ts';

/** The work stops here and goes on later; nothing was lost. */
export class Parked extends Error {
  override readonly name = 'Parked';
  readonly why: 'stopping' | 'slice-over' | 'waiting';
  /** When it makes sense to go on, ISO; absent = at once. */
  readonly resumeAt?: string;

  constructor(why: 'stopping' | 'slice-over' | 'waiting', message: string, resumeAt?: string) {
    super(message);
    this.why = why;
    if (resumeAt !== undefined) this.resumeAt = resumeAt;
  }
}

/** Between two items: throws `Parked` when the service stops or others must have their turn. */
export function parkIfAsked(work: Pick<Work, 'parts' | 'stop' | 'sliceEndsAt'>): void {
  if (work.stop.aborted)
    throw new Parked('stopping', 'The service is stopping; the rest goes on after the start.');
  if (work.parts.clock.now().getTime() >= work.sliceEndsAt)
    throw new Parked('slice-over', 'Others have their turn; the rest goes on after them.');
}

/** Records every item of a batch before it parks: what came after the one that must wait has an outcome too. */
export async function eachThenPark<T>(items: Iterable<T>, record: (item: T) => Promise<void>): Promise<void> {
  let parked: Parked | undefined;
  for (const item of items)
    try {
      await record(item);
    } catch (error) {
      if (!(error instanceof Parked)) throw error;
      parked ??= error;
    }
  if (parked !== undefined) throw parked;
}
