import { type CanonicalModel, fromGiven } from '../domain/canonical.ts';
import { AppError } from '../domain/errors.ts';
import { fileHash } from '../domain/identity.ts';
import type { HeldContent, HeldImport } from '../domain/held-import.ts';
import { heldBecause } from '../domain/import-guard.ts';
import { mayBecome } from '../domain/link-states.ts';
import { rematch } from '../domain/rematch.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Tx } from '../ports/repositories.ts';
import type { FileReader, ParsedModel } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import {
  type HeldImportCases,
  heldImport,
  holdImport,
  needsConfirmation,
  refuseOutdated,
} from './held-imports.ts';
import { chooseModel } from './model-choice.ts';
import { writeFile } from './model-file.ts';
import { record, wakeAll } from './model-record.ts';
import { unifiedDiff } from './unified-diff.ts';
import type { Caller, ImportReport, ImportRequest, ModelCases } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

export interface ImportNeeds {
  store: Store;
  reader: FileReader;
  clock: Clock;
  chance: Chance;
}

interface ConfirmsHeld {
  /** Imports what was held, with a yes. */
  confirmHeld: HeldImportCases['confirm'];
}

/** How often an import begins again because somebody changed one of its threats meanwhile. */
const ATTEMPTS = 3;

/** Threat models: files and the platform's own come in, and files with our statuses go out. */
export function importUseCases({ store, reader, clock, chance }: ImportNeeds): ModelCases & ConfirmsHeld {
  const transact = <T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> =>
    store.tenant(caller.tenantId).transact(work);

  async function settle(tx: Tx, caller: Caller, given: Given): Promise<ImportReport | HeldImport> {
    const at = clock.now().toISOString();
    const { parsed, chosen, confirm } = given;
    const known = chosen === undefined ? [] : await tx.threats.ofModel(chosen.id);
    const found = rematch(known, parsed.threats);
    const present = known.filter((each) => each.presence === 'present').length;
    const held = heldBecause(present, found.gone.length, parsed.threats.length);
    if (held !== undefined && !confirm && chosen !== undefined)
      return holdImport(tx, {
        ...contentOf(given),
        id: chance.uuid(),
        at,
        by: caller.actor,
        reason: held,
        model: chosen,
        found,
        count: parsed.threats.length,
        source: given.source,
      });
    const begun = chosen ?? newModel(given, chance.uuid(), at);
    if (chosen === undefined) await tx.models.insert(begun, given.bytes);
    const { wrote, ...recorded } = await record(tx, found, { caller, modelId: begun.id, at, chance });
    const next = described(begun, given, at);
    const stale = chosen !== undefined && (wrote || isAnother(chosen, next));
    const model = stale ? await tx.models.update(next, given.bytes) : begun;
    if (wrote) await wakeAll(tx);
    const waiting = confirm ? await tx.heldImports.ofModel(model.id) : undefined;
    if (waiting !== undefined) await tx.heldImports.remove(waiting.id);
    return {
      model,
      detected: parsed.detected,
      found: parsed.threats.length,
      ...recorded,
      warnings: parsed.warnings,
    };
  }

  /** Import, or keep what must wait for a yes and throw `import-needs-confirmation`. */
  async function settled(caller: Caller, given: (tx: Tx) => Promise<Given>): Promise<ImportReport> {
    const done = await again(() => transact(caller, async (tx) => settle(tx, caller, await given(tx))));
    if ('reason' in done) throw needsConfirmation(done);
    return done;
  }

  return {
    async import(caller, request) {
      const parsed = await reader.read(request.bytes);
      return settled(caller, async (tx) => ({
        parsed,
        chosen: await chooseModel(tx, request, parsed),
        confirm: request.confirm === true,
        ...fileOf(request),
      }));
    },
    async confirmHeld(caller, id) {
      const { held, content } = await transact(caller, async (tx) => {
        const found = await heldImport(tx, id);
        await refuseOutdated(tx, found);
        return { held: found, content: await tx.heldImports.content(id) };
      });
      if (content === undefined) throw new AppError('not-found', `There is no held import ${id}.`);
      const parsed = content.kind === 'file' ? await reader.read(content.bytes) : parsedFrom(content.model);
      return settled(caller, async (tx) => {
        await refuseOutdated(tx, await heldImport(tx, id));
        await tx.journal.add([
          {
            at: clock.now().toISOString(),
            ...signedBy(caller),
            action: 'import-confirmed',
            before: held.modelName,
            note: held.reason,
          },
        ]);
        return {
          parsed,
          chosen: await tx.models.get(held.modelId),
          confirm: true,
          ...(content.kind === 'file' ? { bytes: content.bytes } : { model: content.model }),
          source: held.source,
        };
      });
    },
    async put(caller, id, model, { expectedVersion, confirm = false } = {}) {
      const parsed = parsedFrom(model);
      return settled(caller, async (tx) => {
        const chosen = await tx.models.get(id);
        refuseStale(chosen, expectedVersion);
        if (chosen !== undefined && chosen.format !== 'platform')
          throw new AppError(
            'conflict',
            `The model "${chosen.name}" is imported from a file. Import the file again, or put this one under a new id.`,
          );
        return { parsed, chosen, confirm, newId: id, source: model.source, model };
      });
    },
    get: (caller, id) => transact(caller, async (tx) => existing(await tx.models.get(id), id)),
    list: (caller, query) => transact(caller, (tx) => tx.models.list(query)),
    remove: (caller, id, expectedVersion) =>
      transact(caller, async (tx) => {
        const model = existing(await tx.models.get(id), id);
        refuseStale(model, expectedVersion);
        await detachLinks(tx, id, clock.now().toISOString());
        await tx.models.remove(id);
        await tx.journal.add([
          {
            at: clock.now().toISOString(),
            ...signedBy(caller),
            action: 'model-deleted',
            before: model.name,
            note: id,
          },
        ]);
      }),
    async file(caller, id) {
      const { original: _, ...file } = await writeFile(store, reader, caller, id);
      return file;
    },
    async patch(caller, id) {
      const { original, bytes, fileName } = await writeFile(store, reader, caller, id);
      const text = new TextDecoder('utf-8', { ignoreBOM: true });
      return unifiedDiff(text.decode(original), text.decode(bytes), fileName);
    },
  };
}

/** What is being imported, and into what; `chosen` undefined = a new model. */
interface Given {
  parsed: ParsedModel;
  chosen: ThreatModel | undefined;
  confirm: boolean;
  bytes?: Uint8Array;
  /** Of models in canonical words. */
  model?: CanonicalModel;
  newId?: string;
  source?: ImportRequest['source'];
}

/** What was given, to be kept until somebody says yes. */
function contentOf({ bytes, model, parsed }: Given): { content: HeldContent; hash: string } {
  if (bytes !== undefined) return { content: { kind: 'file', bytes }, hash: fileHash(bytes) };
  const given = model ?? { name: parsed.name, threats: parsed.threats };
  const hash = fileHash(new TextEncoder().encode(JSON.stringify(given)));
  return { content: { kind: 'model', model: given }, hash };
}

function fileOf(request: ImportRequest): Pick<Given, 'bytes' | 'source'> {
  return { bytes: request.bytes, source: request.source };
}

function newModel(given: Given, id: string, at: string): ThreatModel {
  const { name, format, warnings } = given.parsed;
  const empty = { id: given.newId ?? id, name, format, source: {}, importedAt: at, version: 1, warnings };
  return described(empty, given, at);
}

/** The model as this import describes it. */
function described(model: ThreatModel, { parsed, bytes, source }: Given, at: string): ThreatModel {
  const { repo, path, revision } = source ?? {};
  return {
    ...model,
    name: parsed.name,
    format: parsed.format,
    source: {
      ...model.source,
      ...(repo === undefined ? {} : { repo }),
      ...(path === undefined ? {} : { path }),
      ...(revision === undefined ? {} : { revision }),
    },
    importedAt: at,
    ...(bytes === undefined ? {} : { fileHash: fileHash(bytes) }),
    warnings: parsed.warnings,
  };
}

/** True when an import brought more news of the model than its own time. */
function isAnother(before: ThreatModel, after: ThreatModel): boolean {
  return newsOf(before) !== newsOf(after);
}

function newsOf({ name, format, source, fileHash: hash, warnings }: ThreatModel): string {
  return JSON.stringify([name, format, source.repo, source.path, source.revision, hash, warnings]);
}

function parsedFrom(model: CanonicalModel): ParsedModel {
  const seen = new Map<string, number>();
  for (const [index, { key }] of model.threats.entries()) {
    const first = seen.get(key);
    if (first !== undefined)
      throw new AppError(
        'unprocessable',
        `Two threats of the model have the key "${key}". Give each its own.`,
        {
          faults: [{ pointer: `/threats/${index}/key`, detail: `the same as /threats/${first}/key` }],
        },
      );
    seen.set(key, index);
  }
  const threats = model.threats.map(fromGiven);
  return { format: 'platform', name: model.name, detected: 'canonical model', threats, warnings: [] };
}

/** Deleting a model writes nothing to its issues: the links stay as tombstones. */
async function detachLinks(tx: Tx, modelId: string, at: string): Promise<void> {
  const threats = await tx.threats.ofModel(modelId);
  for (const link of await tx.links.ofThreats(threats.map((each) => each.id))) {
    if (link.state === 'detached' || !mayBecome(link.state, 'detached')) continue;
    const detached = {
      ...link,
      state: 'detached',
      stateReason: 'its threat model was deleted',
      stateSince: at,
    } as const;
    if (!(await tx.links.update(detached)))
      throw new AppError('stale-version', 'A sync is working on this model at the moment. Try again.');
  }
}

function existing(model: ThreatModel | undefined, id: string): ThreatModel {
  if (model === undefined) throw new AppError('not-found', `There is no threat model ${id}.`);
  return model;
}

function refuseStale(model: ThreatModel | undefined, expectedVersion: number | undefined): void {
  if (expectedVersion !== undefined && model?.version !== expectedVersion)
    throw new AppError(
      'stale-version',
      'The threat model was changed meanwhile. Read it again, then repeat.',
    );
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (thrown) {
      const lost = thrown instanceof AppError && thrown.code === 'stale-version';
      if (!lost || attempt >= ATTEMPTS) throw thrown;
    }
}
