import type { Integration } from '../domain/integration.ts';
import { settingsChange } from '../domain/settings-change.ts';
import type { Tx } from '../ports/repositories.ts';
import { signedBy } from './signed-by.ts';
import type { Caller } from './use-cases.ts';

/** What a person did to an integration. `before` is absent for a new one, `after` for one that is deleted. */
interface IntegrationChange {
  type: 'integration:created' | 'integration:updated' | 'integration:deleted';
  before?: Integration;
  after?: Integration;
  hasNewCredentials: boolean;
}

/** Tells the platform, and writes into the journal which settings had which values before and after. */
export async function recordIntegration(
  tx: Tx,
  caller: Caller,
  at: string,
  { type, before, after, hasNewCredentials }: IntegrationChange,
): Promise<void> {
  const shown = after ?? before;
  if (shown === undefined) return;
  const { id, name, provider, enabled, syncIntervalMinutes } = shown;
  await tx.events.add(
    [{ type, subject: id, data: { id, name, provider, enabled, syncIntervalMinutes } }],
    at,
  );
  await tx.journal.add([
    {
      at,
      ...signedBy(caller),
      action: type.replace(':', '-'),
      integrationId: id,
      ...settingsChange(before, after),
      ...(hasNewCredentials ? { note: 'New credentials were given.' } : {}),
    },
  ]);
}
