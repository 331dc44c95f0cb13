/** A request as a rule sees it; `path` is without the prefix of the API, such as `/repos/o/r/issues`. */
export interface SeenRequest {
  method: string;
  path: string;
  query: string;
  /** Name of the account, if the credential is good. */
  account?: string;
  body: unknown;
}

/**
 * `reset`: the connection breaks without an answer. `hang`: no answer ever. `html`: a proxy's page with status 200. `empty-list`,
 * `half-page`: fewer items, same headers. `wrong-schema`: JSON of another kind. `invalid-json`: text that is no JSON. `truncated`:
 * the connection breaks in the middle of the answer.
 */
export type OddAnswer =
  | { status: number; body?: unknown; headers?: Readonly<Record<string, string>> }
  | 'reset'
  | 'hang'
  | 'html'
  | 'empty-list'
  | 'half-page'
  | 'wrong-schema'
  | 'invalid-json'
  | 'truncated';

interface Rule {
  /** All requests, if left out. */
  match?: (request: SeenRequest) => boolean;
  /** How many matching requests it hits: 1 if left out. */
  times?: number;
  /** How many matching requests pass unharmed first. */
  skip?: number;
  /** `before`: nothing was done. `after`: it was done, only the answer is odd. `before` if left out. */
  when?: 'before' | 'after';
  answer: OddAnswer;
}

/** `lose` and `repeat` are shares from 0 to 1, decided by `random`. */
export interface WebhookKnobs {
  lose: number;
  repeat: number;
  delayMs: number;
  shuffle: boolean;
  timeoutMs: number;
}

/** What a test can make go wrong with any tracker. Nothing is wrong until a knob is turned. */
export interface Knobs {
  /** Waits this long before it looks at a request. */
  latencyMs: number;
  webhooks: WebhookKnobs;
  /** Makes the next matching request (or the n-th, or several) go wrong. */
  next(rule: Rule): { cancel(): void };
  /** Forgets all rules and turns everything back. */
  reset(): void;
}

/** The rules that wait for their request. */
export interface RuleBook {
  next(rule: Rule): { cancel(): void };
  forget(): void;
  /** The rule that hits this request at this moment, if any; uses it up. */
  take(when: 'before' | 'after', request: SeenRequest): OddAnswer | undefined;
}

/** Answers that need the real one to be made from; they are always `after`. */
const MADE_FROM_REAL: readonly OddAnswer[] = ['empty-list', 'half-page', 'truncated'];

/** Webhooks that all arrive, once and in order. */
export function usualWebhooks(): WebhookKnobs {
  return { lose: 0, repeat: 0, delayMs: 0, shuffle: false, timeoutMs: 10_000 };
}

/** No rules yet. */
export function newRuleBook(): RuleBook {
  interface Waiting {
    rule: Rule;
    skip: number;
    left: number;
  }
  let waiting: Waiting[] = [];
  return {
    next(rule) {
      const entry = { rule, skip: rule.skip ?? 0, left: rule.times ?? 1 };
      waiting.push(entry);
      return {
        cancel() {
          waiting = waiting.filter((each) => each !== entry);
        },
      };
    },
    forget() {
      waiting = [];
    },
    take(when, request) {
      for (const entry of waiting) {
        if (whenOf(entry.rule) !== when || !(entry.rule.match?.(request) ?? true)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        if (entry.left <= 0) waiting = waiting.filter((each) => each !== entry);
        return entry.rule.answer;
      }
      return undefined;
    },
  };
}

function whenOf(rule: Rule): 'before' | 'after' {
  return MADE_FROM_REAL.includes(rule.answer) ? 'after' : (rule.when ?? 'before');
}
