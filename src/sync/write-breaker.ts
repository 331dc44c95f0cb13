import type { Integration, RefusedWrites } from '../domain/integration.ts';
import type { IssueWrite, WriteOutcome } from '../domain/issue.ts';
import { moment } from '../domain/moment.ts';
import type { Tracker } from '../ports/tracker.ts';
import type { Parts } from './parts.ts';
import type { LeaseKeeper } from './work.ts';

/** So many in a row, of different issues, are no matter of one issue. */
const TOO_MANY = 3;
/** Of so many it is known that they were refused, so that another one is tried next. */
const REMEMBERED = 20;

/**
 * Writes alone pause where the tracker refuses them one after the other for want of permission, while everything is still
 * read. After a wait that doubles, a single one is tried. No link is set aside by it.
 */
export class WriteBreaker {
  readonly #parts: Pick<Parts, 'store' | 'clock' | 'timings' | 'log'>;
  readonly #lease: LeaseKeeper;
  #known: RefusedWrites | undefined;

  /** `isAsked`: a person has started the run, and one write is tried at once. */
  constructor(
    parts: Pick<Parts, 'store' | 'clock' | 'timings' | 'log'>,
    lease: LeaseKeeper,
    { refusedWrites }: Pick<Integration, 'refusedWrites'>,
    isAsked: boolean,
  ) {
    this.#parts = parts;
    this.#lease = lease;
    this.#known =
      isAsked && refusedWrites?.retryAt !== undefined
        ? { ...refusedWrites, retryAt: parts.clock.now().toISOString() }
        : refusedWrites;
  }

  /** Nothing is written before; undefined = a write may be tried. */
  pausedUntil(): string | undefined {
    return pausedUntil(this.#known, this.#parts.clock.now());
  }

  /** Do writes pause, or is a single one tried? */
  get isOpen(): boolean {
    return this.#known?.retryAt !== undefined;
  }

  /** How many of these may be sent in one request. */
  most(size: number): number {
    return this.isOpen ? 1 : size;
  }

  /** Was a write of this issue among those that were refused? Others are tried before it. */
  wasRefused(issueId: string): boolean {
    return this.#known?.refused.includes(issueId) ?? false;
  }

  /** As `Tracker.write`; while writes pause nothing is sent. */
  async send(
    tracker: Tracker,
    writes: readonly IssueWrite[],
    signal: AbortSignal,
  ): Promise<readonly WriteOutcome[]> {
    const resumeAt = this.pausedUntil();
    if (resumeAt !== undefined)
      return writes.map(() => ({ kind: 'later', reason: wordsOfPause(resumeAt), resumeAt, itemOnly: true }));
    const outcomes = await tracker.write(writes, signal);
    const before = this.#known;
    for (const [index, write] of writes.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind === 'written') this.#known = undefined;
      if (outcome?.kind === 'refused' && outcome.code === 'forbidden')
        this.#refused(nameOf(write), outcome.reason);
    }
    if (this.#known !== before) await this.#keep(before);
    return outcomes;
  }

  #refused(name: string, reason: string): void {
    const { timings, clock } = this.#parts;
    const known = this.#known;
    const refused = [...new Set([...(known?.refused ?? []), name])].slice(-REMEMBERED);
    const next = { refused, reason, tries: known?.tries ?? 0 };
    const pauses = this.isOpen || refused.length >= TOO_MANY;
    // Several of one batch are one try.
    const isCounted = pauses && this.pausedUntil() === undefined;
    const waitMs = Math.min(timings.retryMaxMs, timings.retryFirstMs * 2 ** next.tries);
    const retryAt = isCounted ? new Date(clock.now().getTime() + waitMs).toISOString() : this.pausedUntil();
    this.#known = {
      ...next,
      ...(retryAt === undefined ? {} : { retryAt }),
      tries: isCounted ? next.tries + 1 : next.tries,
    };
  }

  async #keep(before: RefusedWrites | undefined): Promise<void> {
    const { tenantId, integrationId } = this.#lease.current();
    const at = this.#parts.clock.now().toISOString();
    const wasOpen = before?.retryAt !== undefined;
    await this.#parts.store.tenant(tenantId).transact(async (tx) => {
      await tx.integrations.hold(this.#lease.current());
      await tx.integrations.note(integrationId, { refusedWrites: this.#known ?? NONE });
      if (wasOpen === this.isOpen) return;
      const action = this.isOpen ? 'writes-paused' : 'writes-resumed';
      const note = this.isOpen ? { note: this.#known?.reason ?? '' } : {};
      await tx.journal.add([{ at, actor: 'sync', action, integrationId, ...note }]);
    });
  }
}

const NONE: RefusedWrites = { refused: [], reason: '', tries: 0 };

/** When a write is tried again, where writes pause. */
export function pausedUntil(known: RefusedWrites | undefined, now: Date): string | undefined {
  return known?.retryAt !== undefined && known.retryAt > now.toISOString() ? known.retryAt : undefined;
}

/** Why something was not written, and when it is tried again. */
export function wordsOfPause(until: string): string {
  return `The tracker refuses what is written to it; one write is tried again at ${moment(until)}.`;
}

function nameOf(write: IssueWrite): string {
  return write.kind === 'create' ? write.block.mark : write.ref.id;
}
