import { moment } from '../domain/moment.ts';
import type { Plan } from '../domain/plan.ts';

/** "Changed since 2026-11-22 14:03 UTC (title): plan again." */
export function sinceThen(plan: Pick<Plan, 'createdAt'>, what?: string): string {
  return `Changed since ${moment(plan.createdAt)}${what === undefined ? '' : ` (${what})`}: plan again.`;
}
