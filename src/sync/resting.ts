import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import type { Parts } from './parts.ts';

/** Throws `unavailable` while the operator has paused everything, `conflict` for a disabled integration. */
export function refuseResting(parts: Pick<Parts, 'paused'>, integration: Pick<Integration, 'enabled'>): void {
  if (parts.paused)
    throw new AppError('unavailable', 'The operator has paused all synchronisation (SYNC_PAUSED).');
  if (!integration.enabled)
    throw new AppError('conflict', 'This integration is disabled: set "enabled": true to synchronise it.');
}
