import type { Knobs, RuleBook } from '../shared/rules.ts';
import { newRuleBook, usualWebhooks } from '../shared/rules.ts';

/** What a test can make go wrong. Nothing is wrong until a knob is turned. */
export interface JiraKnobs extends Knobs {
  /** How long the search index takes to see a change, in ms by the simulator's clock: anything between the two. */
  indexLagMs: { min: number; max: number };
  /** Comments an issue may have before Jira answers 413. */
  commentLimit: number;
}

/** The knobs, and what the server asks them. */
export interface Switchboard extends JiraKnobs {
  take: RuleBook['take'];
}

const COMMENT_LIMIT = 5000;

/** Everything as it should be. */
export function newSwitchboard(): Switchboard {
  const rules = newRuleBook();
  return {
    latencyMs: 0,
    indexLagMs: { min: 0, max: 0 },
    commentLimit: COMMENT_LIMIT,
    webhooks: usualWebhooks(),
    next: (rule) => rules.next(rule),
    take: (when, request) => rules.take(when, request),
    reset() {
      rules.forget();
      this.latencyMs = 0;
      this.indexLagMs = { min: 0, max: 0 };
      this.commentLimit = COMMENT_LIMIT;
      this.webhooks = usualWebhooks();
    },
  };
}
