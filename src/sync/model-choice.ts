import { AppError } from '../domain/errors.ts';
import { fingerprint } from '../domain/identity.ts';
import { looksLike } from '../domain/import-guard.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import type { ParsedModel } from '../ports/source.ts';
import type { ImportRequest } from './use-cases.ts';

/**
 * Which model of ours a file is: the one named, else the one at its place, else the only one of its name and format;
 * undefined = a new one. Ids in files never bind across models, because copies share them.
 * Throws `not-found` for an unknown model id and `model-ambiguous` with the candidates where a person must choose.
 */
export async function chooseModel(
  tx: Tx,
  request: ImportRequest,
  parsed: ParsedModel,
): Promise<ThreatModel | undefined> {
  if (request.modelId !== undefined) return named(tx, request.modelId);
  if (request.asNew === true) return undefined;
  const path = request.source?.path;
  const found =
    path === undefined
      ? await tx.models.byName(parsed.name, parsed.format)
      : await tx.models.bySource(request.source?.repo, path);
  const candidates = found.filter((each) => each.format !== 'platform');
  if (candidates.length > 1) throw ambiguous(candidates.map(describe));
  const [only] = candidates;
  if (only !== undefined && path !== undefined) return only;
  await refuseLookAlikes(tx, parsed, only);
  return only;
}

async function named(tx: Tx, modelId: string): Promise<ThreatModel> {
  const model = await tx.models.get(modelId);
  if (model === undefined) throw new AppError('not-found', `There is no threat model ${modelId}.`);
  if (model.format === 'platform')
    throw new AppError(
      'conflict',
      `The model "${model.name}" comes from the platform, not from a file. Import the file as a new model (new=true), or change the model with PUT.`,
    );
  return model;
}

/** Another model that holds more of these threats than the chosen one: a copy, or the file under another name. */
async function refuseLookAlikes(tx: Tx, parsed: ParsedModel, chosen: ThreatModel | undefined): Promise<void> {
  if (parsed.threats.length === 0) return;
  const keys = parsed.threats.map((each) => each.key);
  const overlaps = await tx.models.overlaps(keys, parsed.threats.map(fingerprint));
  const own = overlaps.find((each) => each.modelId === chosen?.id)?.matches ?? 0;
  const others = overlaps.filter(
    (each) =>
      each.modelId !== chosen?.id && each.matches > own && looksLike(each.matches, parsed.threats.length),
  );
  if (others.length === 0) return;
  const lines: string[] = chosen === undefined ? [] : [describe(chosen)];
  for (const { modelId, matches } of others) {
    const model = await tx.models.get(modelId);
    if (model !== undefined)
      lines.push(`${describe(model)}: shares ${matches} of ${parsed.threats.length} threats`);
  }
  throw ambiguous(lines);
}

function ambiguous(candidates: readonly string[]): AppError {
  return new AppError(
    'model-ambiguous',
    'The file may be one of several models that we have. Repeat with modelId to name it, or with new=true to make a new one.',
    { faults: candidates.map((detail) => ({ pointer: '', detail })) },
  );
}

function describe(model: ThreatModel): string {
  const path = model.source.path === undefined ? '' : ` from ${model.source.path}`;
  return `${model.id} "${model.name}" (${model.format})${path}`;
}
