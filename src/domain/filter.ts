import type { Filter, Mapping } from './integration.ts';
import type { SkipCode } from './plan.ts';
import type { Severity, Status, Threat } from './threat.ts';

/** Open, in scope, of medium severity or more (or of none stated). */
export const DEFAULT_FILTER: Filter = {
  severities: ['critical', 'high', 'medium', 'unspecified'],
  statuses: ['identified', 'analyzing', 'mitigating'],
  outOfScope: false,
  alsoLinked: false,
};

export const DEFAULT_LIMITS = { creates: 50 } as const;

export const DEFAULT_MAPPING: Mapping = {
  version: 1,
  status: { byId: {}, byLabel: {}, toId: {} },
  severity: {
    labels: {
      critical: 'severity-critical',
      high: 'severity-high',
      medium: 'severity-medium',
      low: 'severity-low',
    },
    priorities: {},
  },
  policies: { status: 'ask', title: 'issue', block: 'ask' },
  missing: 'keep',
};

/** Why a threat becomes no issue; undefined when it does. `filter.models` holds model ids here. */
export function filteredOut(
  threat: Pick<Threat, 'modelId' | 'severity' | 'status' | 'element' | 'presence'>,
  filter: Filter,
): { code: SkipCode; message: string } | undefined {
  if (threat.presence === 'missing')
    return { code: 'threat-missing', message: 'The threat is no longer in its model.' };
  if (filter.models !== undefined && !filter.models.includes(threat.modelId))
    return { code: 'filtered', message: 'Its model is not one of filter.models.' };
  if (!filter.statuses.includes(threat.status)) return filtered('status', threat.status, filter.statuses);
  if (!filter.severities.includes(threat.severity))
    return filtered('severity', threat.severity, filter.severities);
  if (threat.element?.outOfScope === true && !filter.outOfScope)
    return {
      code: 'filtered',
      message: `Its element "${threat.element.name}" is out of scope in the model.`,
    };
  return undefined;
}

function filtered(
  what: string,
  value: Status | Severity,
  wanted: readonly string[],
): { code: SkipCode; message: string } {
  return { code: 'filtered', message: `Its ${what} is "${value}"; the filter takes ${wanted.join(', ')}.` };
}
