import type { Integration } from './integration.ts';

/** What people set; the rest of an integration is what we learned. Credentials are none of it. */
const SETTINGS = [
  'name',
  'config',
  'mapping',
  'filter',
  'limits',
  'autoApply',
  'allowPublic',
  'allowOtherInstallation',
  'enabled',
  'syncIntervalMinutes',
  'parent',
  'granularity',
  'acceptance',
  'gate',
] as const satisfies readonly (keyof Integration)[];

/** The settings that differ, as JSON text with the values of each side; undefined: none does. */
export function settingsChange(
  before: Integration | undefined,
  after: Integration | undefined,
): { before: string | null; after: string | null } | undefined {
  const changed = SETTINGS.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  if (changed.length === 0) return undefined;
  const valuesOf = (integration: Integration | undefined): string | null =>
    integration === undefined
      ? null
      : JSON.stringify(Object.fromEntries(changed.map((name) => [name, integration[name] ?? null])));
  return { before: valuesOf(before), after: valuesOf(after) };
}
