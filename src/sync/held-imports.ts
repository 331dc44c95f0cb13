import { AppError } from '../domain/errors.ts';
import type { HeldContent, HeldImport } from '../domain/held-import.ts';
import type { Filter } from '../domain/integration.ts';
import type { Rematch } from '../domain/rematch.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Clock } from '../ports/clock.ts';
import type { Page, PageQuery, Tx } from '../ports/repositories.ts';
import type { Store } from '../ports/store.ts';
import type { Caller, ImportReport } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** `isOutdated`: the model was imported again since; it can only be discarded. */
type HeldAnswer = HeldImport & { isOutdated: boolean };

export interface HeldImportCases {
  /** Oldest first. */
  list(caller: Caller, query: PageQuery): Promise<Page<HeldAnswer>>;
  /** Imports it. Throws `not-found`, and `import-outdated` when the model was imported again since it was held. */
  confirm(caller: Caller, id: string): Promise<ImportReport>;
  discard(caller: Caller, id: string): Promise<void>;
}

/** Imports that wait for a yes; `confirm` imports what was given once more, with a yes. */
export function heldImportCases(
  { store, clock }: { store: Store; clock: Clock },
  confirm: HeldImportCases['confirm'],
): HeldImportCases {
  return {
    list: (caller, query) =>
      store.tenant(caller.tenantId).transact(async (tx) => {
        const page = await tx.heldImports.list(query);
        const items: HeldAnswer[] = [];
        for (const held of page.items) items.push({ ...held, isOutdated: await isOutdated(tx, held) });
        return { ...page, items };
      }),
    confirm,
    discard: (caller, id) =>
      store.tenant(caller.tenantId).transact(async (tx) => {
        const held = await heldImport(tx, id);
        await tx.heldImports.remove(id);
        const at = clock.now().toISOString();
        await tx.journal.add([
          { at, ...signedBy(caller), action: 'import-discarded', before: held.modelName, note: held.reason },
        ]);
      }),
  };
}

/** What an import is held with. */
interface Holding {
  id: string;
  at: string;
  by: string;
  reason: string;
  model: ThreatModel;
  found: Rematch;
  /** Threats in the source. */
  count: number;
  source: HeldImport['source'];
  content: HeldContent;
  hash: string;
}

/** Keep an import until somebody says yes; the same one again is the one that waits already. */
export async function holdImport(tx: Tx, given: Holding): Promise<HeldImport> {
  const { model, found, content, hash, source } = given;
  const waiting = await tx.heldImports.ofModel(model.id);
  if (waiting?.hash === hash && waiting.modelVersion === model.version) return waiting;
  const held: HeldImport = {
    id: given.id,
    modelId: model.id,
    modelName: model.name,
    modelVersion: model.version,
    reason: given.reason,
    found: given.count,
    fresh: found.fresh.length,
    gone: found.gone.length,
    ...(source === undefined ? {} : { source }),
    hash,
    by: given.by,
    at: given.at,
  };
  await tx.heldImports.hold(held, content);
  await tx.journal.add([
    { at: given.at, actor: given.by, action: 'import-held', before: model.name, note: given.reason },
  ]);
  return held;
}

/** The error by which whoever imported hears of it. */
export function needsConfirmation({ id, reason }: HeldImport): AppError {
  return new AppError(
    'import-needs-confirmation',
    `Nothing was imported: ${reason}. If that is right, import again with confirm=true, or POST /api/held-imports/${id}/confirmation.`,
  );
}

/** Throws `not-found`. */
export async function heldImport(tx: Tx, id: string): Promise<HeldImport> {
  const held = await tx.heldImports.get(id);
  if (held !== undefined) return held;
  throw new AppError(
    'not-found',
    `There is no held import ${id}: it was confirmed, discarded, replaced by a newer one, or is older than 30 days.`,
  );
}

async function isOutdated(tx: Tx, held: HeldImport): Promise<boolean> {
  return (await tx.models.get(held.modelId))?.version !== held.modelVersion;
}

/** Throws `import-outdated`. */
export async function refuseOutdated(tx: Tx, held: HeldImport): Promise<void> {
  if (!(await isOutdated(tx, held))) return;
  throw new AppError(
    'import-outdated',
    `The model "${held.modelName}" was imported again since ${held.at}: what this import would do has changed. Discard it, and import again.`,
  );
}

/** Most that a status page names. */
const SHOWN = 100;

/** Imports that wait, of the models that this filter lets in. */
export async function heldFor(tx: Tx, filter: Filter | undefined): Promise<readonly HeldImport[]> {
  const { items } = await tx.heldImports.list({ limit: SHOWN });
  const waiting: HeldImport[] = [];
  for (const held of items) {
    const isTheirs = filter?.models?.includes(held.modelId) ?? true;
    if (isTheirs && !(await isOutdated(tx, held))) waiting.push(held);
  }
  return waiting;
}
