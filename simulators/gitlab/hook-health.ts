import type { Hook, State } from './state.ts';

/** https://docs.gitlab.com/user/project/integrations/webhooks/#auto-disabled-webhooks */
const TOLERATED_FAILURES = 3;
const LAST_FAILURE = 40;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;

/** Whether GitLab sends nothing to the hook at this moment. */
export function isDisabled(state: State, hook: Hook): boolean {
  return hook.disabledForEver || (hook.disabledUntil !== null && new Date(hook.disabledUntil) > state.now());
}

export function alertStatus(state: State, hook: Hook): 'executable' | 'temporarily_disabled' | 'disabled' {
  if (hook.disabledForEver) return 'disabled';
  return isDisabled(state, hook) ? 'temporarily_disabled' : 'executable';
}

/** Counts an outcome: the fourth failure in a row switches the hook off for a minute, each further one for twice as long, the 40th for ever. */
export function judged(state: State, hook: Hook, isGood: boolean): void {
  if (isGood) {
    hook.failures = 0;
    hook.disabledUntil = null;
    hook.disabledForEver = false;
    return;
  }
  hook.failures += 1;
  if (hook.failures <= TOLERATED_FAILURES) return;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (hook.failures - TOLERATED_FAILURES - 1), LONGEST_PAUSE_MS);
  hook.disabledUntil = new Date(state.now().getTime() + pause).toISOString();
  hook.disabledForEver = hook.failures >= LAST_FAILURE;
}
