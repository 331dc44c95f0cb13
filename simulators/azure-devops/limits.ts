import type { Answer } from '../shared/answers.ts';
import { fault } from './answers.ts';
import type { Account, State } from './state.ts';

/**
 * `azure`: 200 units of an account in any five minutes, as Azure DevOps Services publishes it. `generous`: a million. What a
 * request costs is not published: here a read costs a tenth and a write one unit.
 */
export type LimitsOption = 'azure' | 'generous' | { unitsPerFiveMinutes: number };

/** Counts what each account uses: https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits */
export interface Meter {
  /** Counts a request. The answer is that of a blocked one, or undefined. */
  use(account: Account, isWrite: boolean): Answer | undefined;
  /** Shown as the limit comes near, and to those who were delayed: then with `Retry-After`. */
  headers(account: Account): Record<string, string>;
}

const WINDOW_MS = 300_000;
const RESOURCE = 'TSTU';
const LONGEST_DELAY_SECONDS = 30;

export function newMeter(state: State, option: LimitsOption): Meter {
  const limit = limitOf(option);
  const used = new Map<string, { at: number; units: number }[]>();

  function usageOf({ id }: Account): number {
    const now = state.now().getTime();
    const recent = (used.get(id) ?? []).filter(({ at }) => at > now - WINDOW_MS);
    used.set(id, recent);
    return recent.reduce((sum, { units }) => sum + units, 0);
  }

  function resetAt({ id }: Account): number {
    const first = used.get(id)?.[0]?.at ?? state.now().getTime();
    return Math.ceil((first + WINDOW_MS) / 1000);
  }

  return {
    use(account, isWrite) {
      const usage = usageOf(account);
      if (usage >= 2 * limit)
        return blocked(Math.max(1, resetAt(account) - Math.floor(state.now().getTime() / 1000)));
      used.get(account.id)?.push({ at: state.now().getTime(), units: isWrite ? 1 : 0.1 });
      return undefined;
    },
    headers(account) {
      const usage = usageOf(account);
      if (usage < limit / 2) return {};
      const over = usage - limit;
      const seconds = Math.min(LONGEST_DELAY_SECONDS, Math.ceil(over));
      return {
        ...limitHeaders(limit, Math.max(0, Math.floor(limit - usage)), resetAt(account)),
        ...(over > 0 ? delayHeaders(seconds) : {}),
      };
    },
  };
}

/** The headers of an answer that was held back. */
export function delayHeaders(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds), 'x-ratelimit-delay': seconds.toFixed(3) };
}

export function limitHeaders(limit: number, remaining: number, reset: number): Record<string, string> {
  return {
    'x-ratelimit-resource': RESOURCE,
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
  };
}

function limitOf(option: LimitsOption): number {
  if (option === 'azure') return 200;
  return option === 'generous' ? 1_000_000 : option.unitsPerFiveMinutes;
}

function blocked(seconds: number): Answer {
  return fault(
    429,
    'RequestBlockedException',
    `TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource '${RESOURCE}' in namespace 'User'.`,
    { headers: { 'retry-after': String(seconds), 'x-ratelimit-resource': RESOURCE } },
  );
}
