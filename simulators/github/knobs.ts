import type { Knobs, RuleBook } from '../shared/rules.ts';
import { newRuleBook, usualWebhooks } from '../shared/rules.ts';

/** What a test can make go wrong. Nothing is wrong until a knob is turned. */
export interface GithubKnobs extends Knobs {
  /** `false`: there is no GraphQL here, as on an old server. */
  graphql: boolean;
  /** `false`: there are no sub-issues, as on Enterprise Server 3.19. */
  subIssues: boolean;
  /** New issues show in listings only after this time. */
  listLagMs: number;
}

/** The knobs, and what the server asks them. */
export interface Switchboard extends GithubKnobs {
  take: RuleBook['take'];
}

/** Everything as it should be. */
export function newSwitchboard(): Switchboard {
  const rules = newRuleBook();
  return {
    latencyMs: 0,
    graphql: true,
    subIssues: true,
    listLagMs: 0,
    webhooks: usualWebhooks(),
    next: (rule) => rules.next(rule),
    take: (when, request) => rules.take(when, request),
    reset() {
      rules.forget();
      this.latencyMs = 0;
      this.graphql = true;
      this.subIssues = true;
      this.listLagMs = 0;
      this.webhooks = usualWebhooks();
    },
  };
}
