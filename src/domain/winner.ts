import type { Mapping, Policy } from './integration.ts';
import type { FieldKey } from './link.ts';
import { type Keep, ruleFor, wordsOfRule } from './rules.ts';

/** When each side says that it last changed a field, ISO, in one clock; only `newest` asks. */
export interface FieldTimes {
  threat: Partial<Record<FieldKey, string>>;
  issue: Partial<Record<FieldKey, string>>;
}

/** Who decides between two edits: the rules, then the policies. */
interface Judges {
  mapping: Pick<Mapping, 'policies' | 'rules'>;
  times?: FieldTimes;
}

/** Which side is kept, and what said so. */
type Verdict = { keep: Keep } & ({ wonBy: Policy } | { wonBy: 'rule'; rule: string });

/** Closer than this, two clocks cannot say who was later. */
const NEWEST_MARGIN_MS = 2 * 60 * 1000;

/**
 * Who wins a field that both sides changed, each to what it says now. Labels, severity and priority are people's once they
 * touched them.
 */
export function whoWins(
  field: FieldKey,
  threat: string | null,
  issue: string | null,
  { mapping, times }: Judges,
): Verdict {
  const policy = policyOf(field, mapping);
  // A block whose markers people deleted is never inserted again.
  if (field === 'block' && issue === null) return { keep: 'issue', wonBy: policy };
  const rule = ruleFor(mapping.rules ?? [], field, threat, issue);
  if (rule !== undefined) return { keep: rule.keep, wonBy: 'rule', rule: wordsOfRule(rule) };
  return { keep: policy === 'newest' ? newest(field, times) : policy, wonBy: policy };
}

export function policyOf(field: FieldKey, { policies }: Pick<Mapping, 'policies'>): Policy {
  return field === 'status' || field === 'title' || field === 'block' ? policies[field] : 'issue';
}

function newest(field: FieldKey, times: Judges['times']): Keep {
  const threatAt = times?.threat[field];
  const issueAt = times?.issue[field];
  if (threatAt === undefined || issueAt === undefined) return 'ask';
  const gap = Date.parse(threatAt) - Date.parse(issueAt);
  if (Math.abs(gap) <= NEWEST_MARGIN_MS) return 'ask';
  return gap > 0 ? 'threat' : 'issue';
}
