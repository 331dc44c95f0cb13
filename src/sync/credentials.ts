import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import { Secret } from '../domain/secret.ts';
import type { Provider, Renewal } from '../ports/tracker.ts';
import type { Parts, TrackerParts } from './parts.ts';

/** Renewed this long before its end, so that no call of a run meets a dead token. */
const EARLY_MS = 5 * 60 * 1000;
/** How long one renewal may take before another replica may try. */
const CLAIM_MS = 60 * 1000;
const LOOK_MS = 200;
/** Some access is made in steps: the token first, then where it leads. */
const PHASES = 3;

export function credentialContext(tenantId: string, integrationId: string) {
  return { tenantId, ownerId: integrationId, field: 'credentials' };
}

/** The stored credentials, opened. Throws `not-found` or `sealed-unreadable`. */
export async function credentialsOf(
  parts: Pick<Parts, 'store' | 'vault'>,
  tenantId: string,
  integrationId: string,
): Promise<unknown> {
  const sealed = await parts.store.tenant(tenantId).transact((tx) => tx.integrations.sealed(integrationId));
  if (sealed === undefined) throw new AppError('not-found', `There is no integration ${integrationId}.`);
  const opened = await parts.vault.open(sealed.credentials, credentialContext(tenantId, integrationId));
  return JSON.parse(opened.reveal());
}

/**
 * The stored credentials with access that lasts. Renewed by one replica at a time and stored before they are used, because
 * a rotating refresh token works once. `refused`: the tracker has just refused the access we have, whatever its end.
 * Throws `tracker-unauthorized` when the grant is dead.
 */
export async function lastingCredentials(
  parts: TrackerParts,
  tenantId: string,
  provider: Provider,
  integration: Integration,
  refused: boolean,
): Promise<unknown> {
  const tenant = parts.store.tenant(tenantId);
  const first = await credentialsOf(parts, tenantId, integration.id);
  const until = parts.clock.now().getTime() + CLAIM_MS;
  for (let credentials = first; ; credentials = await credentialsOf(parts, tenantId, integration.id)) {
    const renewal = provider.connect(integration.config, credentials).renewal;
    const isAnother = JSON.stringify(credentials) !== JSON.stringify(first);
    if (renewal === undefined || (lasts(parts, renewal) && (!refused || isAnother))) return credentials;
    const claimed = await tenant.transact((tx) => tx.integrations.claimRenewal(integration.id, CLAIM_MS));
    if (claimed) return renew(parts, tenantId, provider, integration, refused ? first : undefined);
    if (parts.clock.now().getTime() > until)
      throw new AppError('unavailable', 'Another replica has not ended renewing the credentials; try again.');
    await parts.clock.sleep(LOOK_MS);
  }
}

function lasts(parts: Pick<Parts, 'clock'>, renewal: Renewal): boolean {
  const end = renewal.expiresAt === undefined ? 0 : Date.parse(renewal.expiresAt);
  return end - EARLY_MS > parts.clock.now().getTime();
}

/** With the claim in hand: look again, because another may just have renewed; then renew, store, use. */
async function renew(
  parts: TrackerParts,
  tenantId: string,
  provider: Provider,
  integration: Integration,
  refusedOnes: unknown,
): Promise<unknown> {
  const tenant = parts.store.tenant(tenantId);
  try {
    let credentials = await credentialsOf(parts, tenantId, integration.id);
    for (let phase = 0; phase < PHASES; phase += 1) {
      const renewal = provider.connect(integration.config, credentials).renewal;
      const isRefused =
        refusedOnes !== undefined && JSON.stringify(credentials) === JSON.stringify(refusedOnes);
      if (renewal === undefined || (lasts(parts, renewal) && !isRefused)) break;
      credentials = await renewOnce(parts, tenantId, integration.id, renewal);
    }
    return credentials;
  } finally {
    await tenant.transact((tx) => tx.integrations.releaseRenewal(integration.id));
  }
}

/** New access, stored before anybody uses it. */
async function renewOnce(
  parts: TrackerParts,
  tenantId: string,
  integrationId: string,
  renewal: Renewal,
): Promise<unknown> {
  const way = parts.outbound.open(renewal.endpoint, { tenantId, integrationId });
  const renewed = await renewal.renew(way.send, parts.clock.now(), new AbortController().signal);
  const context = credentialContext(tenantId, integrationId);
  const sealed = await parts.vault.seal(new Secret(JSON.stringify(renewed)), context);
  await parts.store
    .tenant(tenantId)
    .transact((tx) => tx.integrations.seal(integrationId, { credentials: sealed }));
  return renewed;
}
