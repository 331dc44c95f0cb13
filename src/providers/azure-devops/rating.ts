import type { AzureWorkItem } from './wire.ts';
import type { FieldChange } from './plan.ts';
import type { SeverityField } from './settings.ts';

export const PRIORITY = 'Microsoft.VSTS.Common.Priority';
/** Of bugs, and of a few other types. */
export const SEVERITY = 'Microsoft.VSTS.Common.Severity';

/** What an issue's priority is, of the fields that the settings name; undefined = the work item has no such value. */
export function ratingOf(fields: AzureWorkItem['fields'], of: SeverityField): string | undefined {
  const priority = fields[PRIORITY] == null ? [] : [String(fields[PRIORITY])];
  const severity = fields[SEVERITY] == null ? [] : [fields[SEVERITY]];
  const kept = { priority, severity, both: [...priority, ...severity] }[of];
  return kept.length === 0 ? undefined : kept.join(', ');
}

/**
 * The fields to save for a priority of ours. Most processes count priorities from 1 to 4, others have words; severities
 * are words that begin with a number. https://learn.microsoft.com/azure/devops/boards/queries/planning-ranking-priorities
 */
export function ratingFields(rating: string, of: SeverityField): readonly FieldChange[] {
  switch (of) {
    case 'priority':
      return [{ op: 'add', field: PRIORITY, value: /^\d{1,3}$/.test(rating) ? Number(rating) : rating }];
    case 'severity':
      return [{ op: 'add', field: SEVERITY, value: rating }];
    case 'both': {
      const [, priority, severity] = /^(\d{1,3}), (.+)$/.exec(rating) ?? [];
      if (priority === undefined || severity === undefined) return ratingFields(rating, 'priority');
      return [...ratingFields(priority, 'priority'), ...ratingFields(severity, 'severity')];
    }
  }
}
