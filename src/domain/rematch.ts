import { fingerprint, place } from './identity.ts';
import { similarity } from './similarity.ts';
import type { SourceThreat, Threat } from './threat.ts';

/** A threat we know and what its source says about it now. `key` is the one it has from now on. */
export interface Match {
  known: Threat;
  incoming: SourceThreat;
  key: string;
}

/** Every incoming threat is in exactly one of kept, renamed, returned and fresh. */
export interface Rematch {
  kept: readonly Match[];
  /** Recognised by place and similar title alone: reported, so that people can object. */
  renamed: readonly Match[];
  /** Was missing, is back. */
  returned: readonly Match[];
  fresh: readonly SourceThreat[];
  /** Was present, is no longer in the source. */
  gone: readonly Threat[];
}

const SIMILAR = 0.85;
/** Above this many pairs in one place, nobody could tell a rename from a rewrite, and comparing would take seconds. */
const MOST_PAIRS = 40_000;

/**
 * Recognise the threats of a source again. Passes, each over what the earlier left: equal key, equal fingerprint,
 * same place with a similar title. A tie is never guessed: it is gone + new.
 */
export function rematch(known: readonly Threat[], incoming: readonly SourceThreat[]): Rematch {
  const byKey = rematchByKey(known, incoming);
  const byPrint = pairUp(leftover(known, byKey), leftoverOf(incoming, byKey), equalFingerprints);
  const named = [...byKey, ...byPrint];
  const byTitle = pairUp(leftover(known, named), leftoverOf(incoming, named), similarTitles);
  const matched = [...named, ...byTitle];
  return {
    kept: named.filter((each) => each.known.presence === 'present'),
    renamed: byTitle.filter((each) => each.known.presence === 'present'),
    returned: matched.filter((each) => each.known.presence === 'missing'),
    fresh: leftoverOf(incoming, matched),
    gone: leftover(known, matched).filter((each) => each.presence === 'present'),
  };
}

/**
 * The first pass alone. When a copy makes an id appear twice, the threat that was there keeps its key in its
 * element; when the original goes, its copy keeps the long key it had.
 */
export function rematchByKey(known: readonly Threat[], incoming: readonly SourceThreat[]): readonly Match[] {
  const free = new Map(known.map((each) => [each.key, each]));
  const matches = new Map<SourceThreat, Match>();
  const take = (each: SourceThreat, candidate: Threat | undefined): void => {
    if (candidate === undefined || matches.has(each)) return;
    free.delete(candidate.key);
    matches.set(each, { known: candidate, incoming: each, key: candidate.key });
  };
  for (const each of incoming) if (each.copy !== undefined) take(each, free.get(each.copy.key));
  for (const each of originalsFirst(incoming, free)) {
    const candidate = each.copy === undefined ? undefined : free.get(each.copy.id);
    if (candidate?.element?.id === each.element?.id) take(each, candidate);
  }
  for (const each of incoming) take(each, free.get(each.key));
  return incoming.flatMap((each) => matches.get(each) ?? []);
}

/** Of several copies in one element, the one that still says the same is the original. */
function originalsFirst(
  incoming: readonly SourceThreat[],
  known: ReadonlyMap<string, Threat>,
): SourceThreat[] {
  const same = (each: SourceThreat): boolean =>
    each.copy !== undefined && known.get(each.copy.id)?.fingerprint === fingerprint(each);
  return [...incoming.filter(same), ...incoming.filter((each) => !same(each))];
}

type Pairs = Iterable<readonly [Threat, SourceThreat]>;

/** Keep the pairs whose two members are in no other pair. */
function pairUp(
  known: readonly Threat[],
  incoming: readonly SourceThreat[],
  candidates: (known: readonly Threat[], incoming: readonly SourceThreat[]) => Pairs,
): readonly Match[] {
  const pairs = [...candidates(known, incoming)];
  const count = new Map<Threat | SourceThreat, number>();
  for (const each of pairs.flat()) count.set(each, (count.get(each) ?? 0) + 1);
  return pairs
    .filter((pair) => pair.every((each) => count.get(each) === 1))
    .map(([one, other]) => ({ known: one, incoming: other, key: other.key }));
}

function* equalFingerprints(known: readonly Threat[], incoming: readonly SourceThreat[]): Pairs {
  const theirs = Map.groupBy(incoming, fingerprint);
  const ours = Map.groupBy(known, (each) => each.fingerprint);
  for (const [print, some] of ours) yield* product(some, theirs.get(print) ?? []);
}

function* similarTitles(known: readonly Threat[], incoming: readonly SourceThreat[]): Pairs {
  const theirs = Map.groupBy(incoming, place);
  for (const [where, some] of Map.groupBy(known, place)) {
    const others = theirs.get(where) ?? [];
    if (some.length * others.length > MOST_PAIRS) continue;
    for (const pair of product(some, others))
      if (similarity(pair[0].title, pair[1].title) >= SIMILAR) yield pair;
  }
}

function* product(known: readonly Threat[], incoming: readonly SourceThreat[]): Pairs {
  if (known.length * incoming.length > MOST_PAIRS) return;
  for (const one of known) for (const other of incoming) yield [one, other];
}

function leftover(known: readonly Threat[], matched: readonly Match[]): readonly Threat[] {
  const taken = new Set(matched.map((each) => each.known));
  return known.filter((each) => !taken.has(each));
}

function leftoverOf(incoming: readonly SourceThreat[], matched: readonly Match[]): readonly SourceThreat[] {
  const taken = new Set(matched.map((each) => each.incoming));
  return incoming.filter((each) => !taken.has(each));
}
