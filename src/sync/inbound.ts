import type { CanonicalModel } from '../domain/canonical.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { uuidOf } from '../domain/identity.ts';
import type { InboundEvent } from '../ports/events.ts';
import type { Parts } from './parts.ts';
import type { Caller, ModelCases } from './use-cases.ts';
import type { ParsedModel } from '../ports/source.ts';

const SINGLE_TENANT = 'default';
const HOUR_MS = 60 * 60 * 1000;
const ACTOR = 'platform';

/** How the platform's events and its hourly pull become imports. */
export interface Inbound {
  stop(): Promise<void>;
}

/** A whole model in an event's data, checked where it came in; undefined = only a hint to fetch. */
export type ReadModel = (data: unknown) => { id: string; model?: ParsedModel; revision?: number } | undefined;

/**
 * Events only hint: who can publish could write. A whole model is taken in single tenancy and only with a revision above
 * the stored one; in every other case, and hourly, the platform itself is asked.
 */
export function startInbound(
  parts: Parts,
  models: ModelCases,
  options: { tenancy: 'single' | 'multi'; read: ReadModel },
): Inbound {
  const stopping = new AbortController();
  const seen = new Set<string>();
  parts.bus.onInbound(async (event) => {
    const id = `${event.source} ${event.id}`;
    if (seen.has(id)) return;
    await take(parts, models, options, event, stopping.signal);
    seen.add(id);
  });
  const pulling = parts.platform === undefined ? Promise.resolve() : pull(parts, models, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await pulling;
    },
  };
}

async function take(
  parts: Parts,
  models: ModelCases,
  options: { tenancy: 'single' | 'multi'; read: ReadModel },
  event: InboundEvent,
  signal: AbortSignal,
): Promise<void> {
  const caller = { tenantId: event.tenantId ?? SINGLE_TENANT, actor: ACTOR };
  if (options.tenancy === 'multi' && event.tenantId === undefined) {
    parts.log.warn({ type: event.type }, 'an event without tenantid was dropped');
    return;
  }
  const given = options.read(event.data);
  if (given === undefined) {
    parts.log.warn({ type: event.type }, 'an event without a model id was dropped');
    return;
  }
  if (event.type === 'threat_model:deleted') return remove(models, caller, given.id);
  if (options.tenancy === 'single' && given.model !== undefined && (await isNewer(models, caller, given))) {
    await putOrHold(parts, models, caller, given.id, canonicalOf(given.model, given.revision));
    return;
  }
  await fetchModel(parts, models, caller, given.id, signal);
}

/** A revision must grow: an old event, or one without, is only a hint. */
async function isNewer(
  models: ModelCases,
  caller: Caller,
  given: { id: string; revision?: number },
): Promise<boolean> {
  if (given.revision === undefined) return false;
  const stored = await models.get(caller, uuidOf(given.id)).catch(notFound);
  return stored === undefined || given.revision > Number(stored.source.revision ?? 0);
}

async function remove(models: ModelCases, caller: Caller, id: string): Promise<void> {
  await models.remove(caller, uuidOf(id)).catch(notFound);
}

async function fetchModel(
  parts: Parts,
  models: ModelCases,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const parsed = await parts.platform?.model(id, signal);
  if (parsed === undefined) return;
  await putOrHold(parts, models, caller, id, canonicalOf(parsed, undefined));
}

/** Nobody is there to answer: a model that loses too much waits for a yes, and the others go on. */
async function putOrHold(
  parts: Parts,
  models: ModelCases,
  caller: Caller,
  id: string,
  model: CanonicalModel,
): Promise<void> {
  try {
    await models.put(caller, uuidOf(id), model);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'import-needs-confirmation') throw error;
    parts.log.warn({ modelId: uuidOf(id), reason: error.message }, 'an import waits for a yes');
  }
}

function canonicalOf(parsed: ParsedModel, revision: number | undefined): CanonicalModel {
  const threats = parsed.threats;
  return {
    name: parsed.name,
    ...(revision === undefined ? {} : { source: { revision: String(revision) } }),
    threats,
  };
}

/** Everything that changed since the last pull, at the start and hourly: makes up for events that were lost. */
async function pull(parts: Parts, models: ModelCases, signal: AbortSignal): Promise<void> {
  let since: string | undefined;
  while (!signal.aborted) {
    const at = parts.clock.now().toISOString();
    try {
      const ids = (await parts.platform?.updatedSince(since, signal)) ?? [];
      for (const id of ids)
        await fetchModel(parts, models, { tenantId: SINGLE_TENANT, actor: ACTOR }, id, signal);
      since = at;
    } catch (error) {
      parts.log.warn({ error: messageOf(error) }, 'the platform could not be asked for its models');
    }
    await parts.clock.sleep(HOUR_MS, signal).catch(() => undefined);
  }
}

function notFound(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not-found') return undefined;
  throw error;
}
