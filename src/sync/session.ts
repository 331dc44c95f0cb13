import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import { Secret } from '../domain/secret.ts';
import type { Shape } from '../domain/values.ts';
import type { TrackerHealth } from '../ports/outbound.ts';
import type { Tx } from '../ports/repositories.ts';
import type { SealContext } from '../ports/vault.ts';
import type { Connection, Provider, Tracker } from '../ports/tracker.ts';
import { trackerClock, type TrackerClock } from './clocks.ts';
import { credentialsOf, lastingCredentials } from './credentials.ts';
import type { Parts, TrackerParts } from './parts.ts';

/** An integration brought to life for one piece of work. */
export interface Session {
  tenantId: string;
  integration: Integration;
  provider: Provider;
  connection: Connection;
  tracker: Tracker;
  shape: Shape;
  /** What the tracker's clock says. */
  clock: TrackerClock;
  calls(): number;
  health(): Promise<TrackerHealth>;
}

/** Throws `not-found`, for another tenant's integration too. */
export async function integrationOf(tx: Tx, id: string): Promise<Integration> {
  const integration = await tx.integrations.get(id);
  if (integration === undefined) throw new AppError('not-found', `There is no integration ${id}.`);
  return integration;
}

/** Characters of an issue that are left to people: the block may fill at most half. */
const BLOCK_SHARE = 0.5;

/** Checks settings and credentials and opens the way to the tracker; nothing is sent yet. */
export function connectTo(
  parts: Pick<Parts, 'outbound' | 'clock'>,
  tenantId: string,
  provider: Provider,
  subject: { id: string; config: unknown; credentials: unknown; account?: string },
): Pick<Session, 'connection' | 'tracker' | 'clock' | 'calls' | 'health'> {
  const connection = provider.connect(subject.config, subject.credentials);
  const context = { tenantId, integrationId: subject.id };
  const way = parts.outbound.open(
    connection,
    subject.account === undefined ? context : { ...context, account: subject.account },
  );
  const clock = trackerClock(parts.clock);
  return {
    connection,
    clock,
    // How old something is, is told by one clock: ours.
    tracker: connection.tracker(clock.heard(way.send), parts.clock),
    calls: () => way.calls(),
    health: () => parts.outbound.health(connection, subject.account),
  };
}

/**
 * Which access a session needs: `lasting` renews what is about to end, `renewed` also what the tracker has just refused,
 * `any` asks nobody.
 */
export type Access = 'any' | 'lasting' | 'renewed';

/** Opens a stored integration with its sealed credentials. Throws `sealed-unreadable`, `unknown-provider`, `base-url-refused`. */
export async function openSession(
  parts: TrackerParts,
  tenantId: string,
  integration: Integration,
  access: Access = 'lasting',
): Promise<Session> {
  const provider = providerOf(parts, integration.provider);
  const credentials =
    access === 'any'
      ? await credentialsOf(parts, tenantId, integration.id)
      : await lastingCredentials(parts, tenantId, provider, integration, access === 'renewed');
  const account = integration.bound?.account;
  const opened = connectTo(parts, tenantId, provider, {
    id: integration.id,
    config: integration.config,
    credentials,
    ...(account === undefined ? {} : { account }),
  });
  return { tenantId, integration, provider, ...opened, shape: shapeOf(opened.connection) };
}

export function providerOf(parts: Pick<Parts, 'providers'>, id: string): Provider {
  for (const [known, provider] of parts.providers) if (known === id) return provider;
  const ids = [...parts.providers.keys()].join(', ');
  throw new AppError('unknown-provider', `There is no provider "${id}". Known: ${ids}.`, {
    faults: [{ pointer: '/provider', detail: `must be one of ${ids}` }],
  });
}

export function webhookContext(tenantId: string, integrationId: string) {
  return { tenantId, ownerId: integrationId, field: 'webhookSecret' };
}

const MARK_KEY = 'mark-key';
const MARK_CONTEXT = installationContext(MARK_KEY);

/** Where a secret of the whole installation is sealed for. */
export function installationContext(name: string): SealContext {
  return { tenantId: 'installation', ownerId: 'installation', field: name };
}

/**
 * The secret that marks are signed with: random, made once, sealed in the store. Not derived from the encryption key, whose
 * rotation would orphan every issue.
 */
export async function installationKey(parts: Pick<Parts, 'store' | 'vault' | 'chance'>): Promise<Secret> {
  const stored = await parts.store.installation.get(MARK_KEY);
  if (stored !== undefined) return parts.vault.open(stored, MARK_CONTEXT);
  const fresh = await parts.vault.seal(new Secret(parts.chance.hex(32)), MARK_CONTEXT);
  return parts.vault.open(await parts.store.installation.putOnce(MARK_KEY, fresh), MARK_CONTEXT);
}

function shapeOf(connection: Connection): Shape {
  const { capabilities, format, labels } = connection;
  return {
    fields: capabilities.fields,
    showsActive: capabilities.showsActive,
    titleLimit: capabilities.titleLimit,
    blockLimit: Math.floor(capabilities.bodyLimit * BLOCK_SHARE),
    labels,
    title: (text, limit) => format.title(text, limit),
    block: (document, limit) => format.block(document, limit),
    canonTitle: (text) => format.canonTitle(text),
    canonBlock: (text) => format.canonBlock(text),
  };
}
