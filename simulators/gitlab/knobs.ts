import type { Knobs, RuleBook } from '../shared/rules.ts';
import { newRuleBook, usualWebhooks } from '../shared/rules.ts';

/** What a test can make go wrong. Nothing is wrong until a knob is turned. */
export interface GitlabKnobs extends Knobs {
  /** New issues show in listings only after this time, as from a replica that lags. */
  listLagMs: number;
  /** Failing hooks are switched off for a while, as on GitLab.com; self-managed servers have it behind a flag. */
  autoDisable: boolean;
  /** `false`: nobody answers for links between issues. */
  issueLinks: boolean;
  /** Hooks to this machine are refused, as self-managed servers do unless an administrator allows it. */
  blockLocalHooks: boolean;
}

/** The knobs, and what the server asks them. */
export interface Switchboard extends GitlabKnobs {
  take: RuleBook['take'];
}

const USUAL = { latencyMs: 0, listLagMs: 0, autoDisable: true, issueLinks: true, blockLocalHooks: false };

/** Everything as it should be. */
export function newSwitchboard(): Switchboard {
  const rules = newRuleBook();
  return {
    ...USUAL,
    webhooks: usualWebhooks(),
    next: (rule) => rules.next(rule),
    take: (when, request) => rules.take(when, request),
    reset() {
      rules.forget();
      Object.assign(this, USUAL);
      this.webhooks = usualWebhooks();
    },
  };
}
