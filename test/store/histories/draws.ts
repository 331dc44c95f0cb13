import type { Integration } from '../../../src/domain/integration.ts';
import { LINK_STATES } from '../../../src/domain/link.ts';
import type { Conflict, Link } from '../../../src/domain/link.ts';
import { SEVERITIES, STATUSES } from '../../../src/domain/threat.ts';
import type { Mitigation, ThreatModel } from '../../../src/domain/threat.ts';
import { aConflict, aLink, aModel, aThreat, anIntegration, at } from '../fixtures.ts';
import type { NewThreat } from '../fixtures.ts';

export const FUTURE = '2999-01-01T00:00:00.000Z';

/** The same numbers for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export type Kind =
  'integration' | 'link' | 'threat' | 'model' | 'op' | 'run' | 'plan' | 'conflict' | 'delivery' | 'change';
const KINDS = [
  'integration',
  'link',
  'threat',
  'model',
  'op',
  'run',
  'plan',
  'conflict',
  'delivery',
  'change',
];
/** A few of each, so that steps meet the same rows again and again. */
const ROWS = 3;

function idOf(seed: number, kind: Kind, index: number): string {
  return `${hex(seed, 8)}-0000-4000-8000-${hex(KINDS.indexOf(kind), 4)}${hex(index, 8)}`;
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0');
}

export function idsOf(seed: number, kind: Kind): readonly string[] {
  return Array.from({ length: ROWS }, (_, index) => idOf(seed, kind, index));
}

export function tenantsOf(seed: number): readonly [string, string] {
  return [`history-${seed}-a`, `history-${seed}-b`];
}

/** An id is an integration of one tenant only, as UUIDs are: the last one is the second tenant's. */
export function ownerOf(seed: number, integrationId: string): string {
  const [first, second] = tenantsOf(seed);
  return integrationId === idsOf(seed, 'integration').at(-1) ? second : first;
}

/** Everything by chance that steps are made of, the same for the same seed. */
export class Draw {
  readonly #below: (below: number) => number;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#below = numbers(seed);
  }

  /** 0 to `count` - 1. */
  below(count: number): number {
    return this.#below(count);
  }

  oneOf<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  id(kind: Kind): string {
    return idOf(this.#seed, kind, this.below(ROWS));
  }

  /** Mostly the first one, which has most of the rows. */
  tenant(): string {
    const [first, second] = tenantsOf(this.#seed);
    return this.oneOf([first, first, first, second]);
  }

  ownerOf(integrationId: string): string {
    return ownerOf(this.#seed, integrationId);
  }

  time(): string {
    return this.oneOf([at(this.below(5)), FUTURE]);
  }

  issueId(): string {
    return `issue-${this.#seed}-${this.below(3)}`;
  }

  integration(): Integration {
    const bound = {
      projectId: `p${this.below(2)}`,
      name: 'n',
      url: 'https://h.example/n',
      visibility: 'private' as const,
      accountIds: [],
      account: 'a',
    };
    return anIntegration({
      id: this.id('integration'),
      version: 1 + this.below(3),
      createdAt: at(this.below(3)),
      state: this.oneOf(['active', 'active', 'active', 'paused', 'deleted']),
      ...(this.below(2) > 0 && { bound }),
    });
  }

  model(): ThreatModel {
    // They sort the same in every collation.
    const name = this.oneOf(['a', 'b', 'c']);
    return aModel({ id: this.id('model'), name, version: 1 + this.below(2) });
  }

  threat(): NewThreat {
    return aThreat(this.id('model'), {
      id: this.id('threat'),
      key: `k${this.below(3)}`,
      fingerprint: `f${this.below(3)}`,
      severity: this.oneOf(SEVERITIES),
      status: this.oneOf(STATUSES),
      presence: this.oneOf(['present', 'present', 'missing']),
      title: this.oneOf(['One', 'two\u0000', 'ÄÖ']),
      mitigations: this.oneOf([[], ['m'], ['m', 'n']]).map((key) => this.mitigation(key)),
    });
  }

  private mitigation(key: string): Mitigation {
    return {
      key,
      title: key,
      status: this.oneOf(['proposed', 'unknown', 'done']),
      shared: this.oneOf([true, false]),
    };
  }

  link(): Link {
    const role = this.oneOf(['threat', 'threat', 'parent', 'mitigation'] as const);
    return {
      ...aLink(this.id('integration'), { id: this.id('link'), threatId: this.id('threat') }),
      createdAt: at(this.below(3)),
      version: 1 + this.below(3),
      failures: this.below(2),
      role,
      mitigationKey: role === 'mitigation' ? this.oneOf(['m', 'n']) : '',
      state: this.oneOf(['creating', 'linked', 'linked', 'dormant', ...LINK_STATES]),
      ...(this.below(3) > 0 && { issue: { id: this.issueId(), key: '1', url: 'u' } }),
      lastError: { code: `c${this.below(2)}`, message: `m${this.below(3)}`, at: at(0) },
    };
  }

  conflict(): Conflict {
    return aConflict(this.link(), {
      id: this.id('conflict'),
      field: this.oneOf(['status', 'title', 'label:x\u0000']),
      state: this.oneOf(['open', 'open', 'resolved']),
      firstSeenAt: at(this.below(3)),
    });
  }
}
