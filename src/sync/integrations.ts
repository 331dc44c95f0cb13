import { AppError } from '../domain/errors.ts';
import { DEFAULT_FILTER, DEFAULT_LIMITS, DEFAULT_MAPPING } from '../domain/filter.ts';
import { granularityOf, type Integration, type Mapping } from '../domain/integration.ts';
import { Secret } from '../domain/secret.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Provider } from '../ports/tracker.ts';
import { bindProject, connectReport } from './connect.ts';
import { registerHook, removeHook } from './hooks.ts';
import { inputOf } from './integration-input.ts';
import { lookAtConflicts } from './open-conflicts.ts';
import type { Parts } from './parts.ts';
import { credentialContext } from './credentials.ts';
import { integrationOf, openSession, providerOf, webhookContext } from './session.ts';
import { statusOf } from './status.ts';
import type { IntegrationCases, IntegrationInput, MappingInput } from './use-cases.ts';
import { signedBy } from './signed-by.ts';
import { recordIntegration } from './integration-record.ts';

const DEFAULT_INTERVAL_MINUTES = 60;
const WEBHOOK_SECRET_BYTES = 32;

/** Integrations: made, changed, looked at, tested, removed. */
export function integrationCases(parts: Parts): IntegrationCases {
  const { store, clock, chance, vault } = parts;

  return {
    async create(caller, input) {
      const provider = providerOf(parts, input.provider);
      const checked = await inputOf(parts, provider, input);
      const integration = fresh(parts, provider, { ...input, config: checked.config });
      const secret = new Secret(chance.hex(WEBHOOK_SECRET_BYTES));
      const sealed = {
        credentials: await vault.seal(
          new Secret(JSON.stringify(checked.credentials)),
          credentialContext(caller.tenantId, integration.id),
        ),
        webhookSecrets: [await vault.seal(secret, webhookContext(caller.tenantId, integration.id))],
      };
      await store.tenant(caller.tenantId).transact(async (tx) => {
        await tx.integrations.insert(integration, sealed);
        await recordIntegration(tx, caller, integration.createdAt, {
          type: 'integration:created',
          after: integration,
          hasNewCredentials: true,
        });
      });
      parts.lookedThrough.add(integration.id);
      if (provider.connect !== undefined) {
        await bindProject(parts, caller.tenantId, integration);
        await registerHook(parts, caller.tenantId, integration.id);
      }
      await store.tenant(caller.tenantId).transact((tx) => tx.integrations.wake(integration.id));
      parts.bus.wake();
      return store.tenant(caller.tenantId).transact((tx) => integrationOf(tx, integration.id));
    },
    get: (caller, id) => store.tenant(caller.tenantId).transact((tx) => integrationOf(tx, id)),
    list: (caller, query) => store.tenant(caller.tenantId).transact((tx) => tx.integrations.list(query)),
    async change(caller, id, patch, expectedVersion) {
      const tenant = store.tenant(caller.tenantId);
      const current = await tenant.transact((tx) => integrationOf(tx, id));
      const version = expectedVersion ?? current.version;
      const provider = providerOf(parts, current.provider);
      refuseMove(current, patch);
      const checked = await inputOf(parts, provider, {
        provider: current.provider,
        config: patch.config ?? current.config,
        ...(patch.credentials === undefined ? {} : { credentials: patch.credentials }),
      });
      const changed = {
        ...merged(current, patch, clock.now().toISOString()),
        config: checked.config,
        version,
      };
      const credentials =
        checked.credentials === undefined
          ? undefined
          : await vault.seal(
              new Secret(JSON.stringify(checked.credentials)),
              credentialContext(caller.tenantId, id),
            );
      const stored = await tenant.transact(async (tx) => {
        await refuseRegrouping(tx, current, changed);
        const updated = await tx.integrations.update(changed);
        if (isLookedAtAgain(current, changed)) await lookAtAll(tx, id);
        if (patch.mapping !== undefined) await lookAtConflicts(tx, id);
        if (credentials !== undefined) await tx.integrations.seal(id, { credentials });
        await recordIntegration(tx, caller, updated.updatedAt, {
          type: 'integration:updated',
          before: current,
          after: updated,
          hasNewCredentials: credentials !== undefined,
        });
        await tx.integrations.wake(id);
        return updated;
      });
      if (provider.connect !== undefined && (patch.config !== undefined || patch.credentials !== undefined)) {
        await bindProject(parts, caller.tenantId, stored);
        await registerHook(parts, caller.tenantId, id);
      }
      parts.bus.wake();
      return tenant.transact((tx) => integrationOf(tx, id));
    },
    async remove(caller, id, expectedVersion) {
      const tenant = store.tenant(caller.tenantId);
      const current = await tenant.transact((tx) => integrationOf(tx, id));
      const version = expectedVersion ?? current.version;
      const session = await openSession(parts, caller.tenantId, current).catch(() => undefined);
      const at = clock.now().toISOString();
      await tenant.transact(async (tx) => {
        await tx.integrations.update({
          ...current,
          version,
          state: 'deleted',
          stateSince: at,
          updatedAt: at,
        });
        await recordIntegration(tx, caller, at, {
          type: 'integration:deleted',
          before: current,
          hasNewCredentials: false,
        });
      });
      if (session !== undefined) await removeHook(parts, session, current.webhook);
    },
    async status(caller, id) {
      const integration = await store.tenant(caller.tenantId).transact((tx) => integrationOf(tx, id));
      return statusOf(parts, caller.tenantId, integration);
    },
    async webhookSecret(caller, id) {
      const tenant = store.tenant(caller.tenantId);
      const sealed = await tenant.transact(async (tx) => {
        await integrationOf(tx, id);
        return tx.integrations.sealed(id);
      });
      const secret = chance.hex(WEBHOOK_SECRET_BYTES);
      const newest = await vault.seal(new Secret(secret), webhookContext(caller.tenantId, id));
      const webhookSecrets = [newest, ...(sealed?.webhookSecrets.slice(0, 1) ?? [])];
      await tenant.transact(async (tx) => {
        await tx.integrations.seal(id, { webhookSecrets });
        const at = clock.now().toISOString();
        await tx.journal.add([{ at, ...signedBy(caller), action: 'webhook-secret-made', integrationId: id }]);
      });
      await registerHook(parts, caller.tenantId, id, true);
      const { webhook } = await tenant.transact((tx) => integrationOf(tx, id));
      const url = webhook.kind === 'failing' ? undefined : webhook.url;
      return { ...(url === undefined ? {} : { url }), secret, isRegistered: webhook.kind === 'registered' };
    },
    connect: (caller, input) => connectReport(parts, caller, input),
  };
}

/**
 * Issues that are there are put under a parent, those that await verification are let through, and what waits for a permission
 * is written, when they are looked at.
 */
function isLookedAtAgain(current: Integration, changed: Integration): boolean {
  const hasNewParent = changed.parent !== undefined && changed.parent.since !== current.parent?.since;
  const hasGateGone = current.gate === true && changed.gate !== true;
  return hasNewParent || hasGateGone || current.refusedWrites?.retryAt !== undefined;
}

async function lookAtAll(tx: Tx, id: string): Promise<void> {
  const ids = await tx.links.idsOf(id, ['linked', 'creating']);
  await tx.dirty.mark(
    id,
    ids.map((linkId) => ({ linkId, reason: 'threat' })),
  );
}

function fresh(parts: Parts, provider: Provider, input: IntegrationInput): Integration {
  const at = parts.clock.now().toISOString();
  const autoApply = input.autoApply ?? false;
  return {
    id: parts.chance.uuid(),
    name: input.name,
    provider: provider.id,
    config: input.config,
    mapping: mappingOf(DEFAULT_MAPPING, input.mapping),
    filter: { ...DEFAULT_FILTER, ...input.filter },
    limits: { ...DEFAULT_LIMITS, ...input.limits },
    ...(input.parent == null ? {} : { parent: { ...input.parent, since: at } }),
    granularity: input.granularity ?? 'threat',
    ...(input.gate === true ? { gate: true } : {}),
    ...(input.acceptance == null ? {} : { acceptance: input.acceptance }),
    autoApply,
    allowPublic: input.allowPublic ?? false,
    allowOtherInstallation: input.allowOtherInstallation ?? false,
    enabled: input.enabled ?? true,
    state: autoApply ? 'active' : 'new',
    stateSince: at,
    syncIntervalMinutes:
      input.syncIntervalMinutes === undefined ? DEFAULT_INTERVAL_MINUTES : input.syncIntervalMinutes,
    webhook: { kind: 'manual', todo: 'The webhook has not been registered yet.' },
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

function merged(current: Integration, patch: Partial<IntegrationInput>, at: string): Integration {
  // Other settings or credentials: writes are tried again at once.
  const { acceptance: before, parent: _, refusedWrites: __, ...rest } = current;
  const acceptance = patch.acceptance === undefined ? before : patch.acceptance;
  const parent = nextParent(current.parent, patch.parent, at);
  return {
    ...rest,
    ...(parent === undefined ? {} : { parent }),
    name: patch.name ?? current.name,
    mapping: patch.mapping === undefined ? current.mapping : nextMapping(current.mapping, patch.mapping),
    filter: { ...current.filter, ...patch.filter },
    limits: { ...current.limits, ...patch.limits },
    autoApply: patch.autoApply ?? current.autoApply,
    granularity: patch.granularity ?? granularityOf(current),
    gate: patch.gate ?? current.gate ?? false,
    ...(acceptance == null ? {} : { acceptance }),
    allowPublic: patch.allowPublic ?? current.allowPublic,
    allowOtherInstallation: patch.allowOtherInstallation ?? current.allowOtherInstallation,
    enabled: patch.enabled ?? current.enabled,
    syncIntervalMinutes:
      patch.syncIntervalMinutes === undefined ? current.syncIntervalMinutes : patch.syncIntervalMinutes,
    ...(patch.autoApply === true && current.state === 'new' ? { state: 'active', stateSince: at } : {}),
    updatedAt: at,
  };
}

/** The same choice again is no new one: only off and on again asks for parents anew. */
function nextParent(
  current: Integration['parent'],
  wanted: IntegrationInput['parent'],
  at: string,
): Integration['parent'] {
  if (wanted === undefined) return current;
  if (wanted === null) return undefined;
  const key = wanted.kind === 'issue' ? wanted.key : undefined;
  const known = current?.kind === 'issue' ? current.key : undefined;
  return current?.kind === wanted.kind && key === known ? current : { ...wanted, since: at };
}

function nextMapping(current: Mapping, input: MappingInput): Mapping {
  return { ...mappingOf(current, input), version: current.version + 1 };
}

function mappingOf(base: Mapping, input: MappingInput | undefined): Mapping {
  return {
    version: base.version,
    status: { ...base.status, ...input?.status },
    severity: { ...base.severity, ...input?.severity },
    policies: { ...base.policies, ...input?.policies },
    ...rulesOf(input?.rules ?? base.rules),
    missing: input?.missing ?? base.missing,
  };
}

function rulesOf(rules: Mapping['rules'] = []): Pick<Mapping, 'rules'> {
  return rules.length === 0 ? {} : { rules };
}

/**
 * What issues are about is settled with the first of them; only issues of mitigations may join those of threats later.
 * Throws `granularity-settled`.
 */
async function refuseRegrouping(tx: Tx, current: Integration, changed: Integration): Promise<void> {
  const [before, after] = [granularityOf(current), granularityOf(changed)];
  if (before === after || (before === 'threat' && after === 'threat+mitigations')) return;
  const { detached: _, ...living } = (await tx.links.counts(current.id)).states;
  if (Object.values(living).every((count) => count === 0)) return;
  throw new AppError(
    'granularity-settled',
    `There are issues of this integration already, made as "${before}": they cannot become those of "${after}". Detach its links, or make another integration with its own label or project.`,
    { faults: [{ pointer: '/granularity', detail: `is "${before}"` }] },
  );
}

/** Credentials belong to an address and to who may answer there: whoever changes one of these must know them. */
function refuseMove(current: Integration, patch: Partial<IntegrationInput>): void {
  if (patch.provider !== undefined && patch.provider !== current.provider)
    throw new AppError(
      'unprocessable',
      'The provider of an integration cannot be changed: create another one.',
      {
        faults: [{ pointer: '/provider', detail: `is "${current.provider}"` }],
      },
    );
  const { config, credentials } = patch;
  const moved = ['baseUrl', 'ca'].find((key) => config !== undefined && config[key] !== current.config[key]);
  if (moved !== undefined && credentials === undefined)
    throw new AppError('credentials-required', `Changing ${moved} asks for the credentials again.`, {
      faults: [{ pointer: '/credentials', detail: `is required when /config/${moved} changes` }],
    });
}
