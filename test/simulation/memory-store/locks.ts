import { Refused } from './failures.ts';

/** `shared` is what a new child takes on its parent: several may, and nobody may remove the parent meanwhile. */
type Mode = 'alone' | 'shared';

interface Waiting<Owner> {
  owner: Owner;
  mode: Mode;
  granted: () => void;
  refused: (reason: Error) => void;
}

interface Lock<Owner> {
  holders: Map<Owner, Mode>;
  /** First come, first served. */
  line: Waiting<Owner>[];
}

/**
 * Locks on rows and keys, held to the end of a transaction. Whoever closes a circle of waiting is refused with
 * 40P01 at once, where PostgreSQL finds out after a second; which of the two it is, is always the same here.
 */
export class Locks<Owner> {
  readonly #locks = new Map<string, Lock<Owner>>();
  readonly #held = new Map<Owner, Set<string>>();
  readonly #waiting = new Map<Owner, Lock<Owner>>();

  /** Undefined: taken. Else it is taken when the promise resolves. */
  take(owner: Owner, what: string, mode: Mode = 'alone'): Promise<void> | undefined {
    let lock = this.#locks.get(what);
    if (lock === undefined) {
      lock = { holders: new Map(), line: [] };
      this.#locks.set(what, lock);
    }
    const has = lock.holders.get(owner);
    if (has === 'alone' || has === mode) return undefined;
    if (mayHave(lock, owner, mode) && (has !== undefined || lock.line.length === 0)) {
      this.#give(lock, owner, what, mode);
      return undefined;
    }
    return this.#wait(lock, owner, what, mode);
  }

  /** Whether `take` would have it at once. */
  isFree(owner: Owner, what: string): boolean {
    const lock = this.#locks.get(what);
    return lock === undefined || (lock.line.length === 0 && mayHave(lock, owner, 'alone'));
  }

  /** Give back all that the owner holds; if it waits, its waiting ends with the reason. */
  release(owner: Owner, reason?: Error): void {
    const lock = this.#waiting.get(owner);
    if (lock !== undefined) {
      this.#waiting.delete(owner);
      const place = lock.line.findIndex((each) => each.owner === owner);
      const [waiting] = lock.line.splice(place, 1);
      waiting?.refused(reason ?? new Error('A transaction ended while it waited.'));
    }
    const held = this.#held.get(owner);
    if (held === undefined) return;
    this.#held.delete(owner);
    for (const what of held) {
      this.#locks.get(what)?.holders.delete(owner);
      this.#serve(what);
    }
  }

  #give(lock: Lock<Owner>, owner: Owner, what: string, mode: Mode): void {
    lock.holders.set(owner, mode);
    const held = this.#held.get(owner);
    if (held === undefined) this.#held.set(owner, new Set([what]));
    else held.add(what);
  }

  #wait(lock: Lock<Owner>, owner: Owner, what: string, mode: Mode): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const granted = () => {
      this.#give(lock, owner, what, mode);
      resolve();
    };
    const waiting = { owner, mode, granted, refused: reject };
    // Who has it shared and wants it alone goes first: nobody in the line can have it before.
    if (lock.holders.has(owner)) lock.line.unshift(waiting);
    else lock.line.push(waiting);
    this.#waiting.set(owner, lock);
    if (this.#waitsForItself(owner))
      this.release(owner, new Refused('40P01', `deadlock detected at ${what.replaceAll('\0', ' ')}`));
    return promise;
  }

  /** Everybody at the front of the line who may have it now. */
  #serve(what: string): void {
    const lock = this.#locks.get(what);
    if (lock === undefined) return;
    for (let [next] = lock.line; next !== undefined; [next] = lock.line) {
      if (!mayHave(lock, next.owner, next.mode)) return;
      lock.line.shift();
      this.#waiting.delete(next.owner);
      next.granted();
    }
    if (lock.holders.size === 0) this.#locks.delete(what);
  }

  #waitsForItself(owner: Owner): boolean {
    const seen = new Set<Owner>();
    const next = [owner];
    for (let each = next.pop(); each !== undefined; each = next.pop()) {
      const lock = this.#waiting.get(each);
      if (lock === undefined) continue;
      for (const other of ahead(lock, each)) {
        if (other === owner) return true;
        if (seen.has(other)) continue;
        seen.add(other);
        next.push(other);
      }
    }
    return false;
  }
}

function mayHave<Owner>(lock: Lock<Owner>, owner: Owner, mode: Mode): boolean {
  for (const [holder, held] of lock.holders)
    if (holder !== owner && (mode === 'alone' || held === 'alone')) return false;
  return true;
}

/** Whom somebody in the line waits for: who holds it, and who stands before. */
function ahead<Owner>(lock: Lock<Owner>, owner: Owner): Owner[] {
  const place = lock.line.findIndex((each) => each.owner === owner);
  return [...lock.holders.keys(), ...lock.line.slice(0, place).map((each) => each.owner)].filter(
    (each) => each !== owner,
  );
}
