import type { Knobs, RuleBook } from '../shared/rules.ts';
import { newRuleBook, usualWebhooks } from '../shared/rules.ts';

/** What a test can make go wrong. Nothing is wrong until a knob is turned. */
export interface AzureDevopsKnobs extends Knobs {
  /** New saves show in queries and in the reporting revisions only after this time. */
  listLagMs: number;
  /** What a bad credential gets. `auto`: 401 for clients that suppress redirects, else 203 with a page or 302. */
  signIn: 'auto' | 203 | 302 | 401;
  /** The status of a save whose `test /rev` fails. */
  staleStatus: 409 | 412;
  /** Links that a work item may have. */
  linkLimit: number;
  /** Stands for the 1 to 60 seconds before a delivery is tried again. */
  hookRetryMs: number;
  /** The next answers are right but delayed: 200 with `Retry-After` and the rate limit's headers. */
  slowDown(times: number, retryAfterSeconds: number): void;
}

/** The knobs, and what the server asks them. */
export interface Switchboard extends AzureDevopsKnobs {
  take: RuleBook['take'];
  /** The seconds of `Retry-After` for this answer, if it is to be delayed; uses it up. */
  takeDelay(): number | undefined;
}

/** https://learn.microsoft.com/azure/devops/organizations/settings/work/object-limits */
const LINK_LIMIT = 1000;

/** Everything as it should be. */
export function newSwitchboard(): Switchboard {
  const rules = newRuleBook();
  let delay = { left: 0, seconds: 0 };
  return {
    latencyMs: 0,
    listLagMs: 0,
    signIn: 'auto',
    staleStatus: 412,
    linkLimit: LINK_LIMIT,
    hookRetryMs: 5,
    webhooks: usualWebhooks(),
    next: (rule) => rules.next(rule),
    take: (when, request) => rules.take(when, request),
    slowDown(times, retryAfterSeconds) {
      delay = { left: times, seconds: retryAfterSeconds };
    },
    takeDelay() {
      if (delay.left === 0) return undefined;
      delay.left -= 1;
      return delay.seconds;
    },
    reset() {
      rules.forget();
      delay = { left: 0, seconds: 0 };
      this.latencyMs = 0;
      this.listLagMs = 0;
      this.signIn = 'auto';
      this.staleStatus = 412;
      this.linkLimit = LINK_LIMIT;
      this.hookRetryMs = 5;
      this.webhooks = usualWebhooks();
    },
  };
}
