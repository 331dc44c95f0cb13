import { AppError } from '../domain/errors.ts';
import { fileHash } from '../domain/identity.ts';
import { rematchByKey } from '../domain/rematch.ts';
import type { Link } from '../domain/link.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import type { FileReader, StatusEdit } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import type { Caller, ModelFile } from './use-cases.ts';

/** A model's file as it was imported, and with our statuses written into it. */
export interface WrittenFile extends ModelFile {
  original: Uint8Array;
}

/**
 * Write the statuses of our threats, and the addresses of their issues where the format has a place for them, into
 * the imported file. Throws `not-found`, `unprocessable` for a model that never was a file, and `model-changed` when
 * the file kept is not the one imported last.
 */
export async function writeFile(
  store: Store,
  reader: FileReader,
  caller: Caller,
  id: string,
): Promise<WrittenFile> {
  const { model, file, threats, links } = await store.tenant(caller.tenantId).transact(async (tx) => {
    const found = await tx.models.get(id);
    if (found === undefined) throw new AppError('not-found', `There is no threat model ${id}.`);
    const known = await tx.threats.ofModel(id);
    return {
      model: found,
      file: await tx.models.file(id),
      threats: known,
      links: await tx.links.ofThreats(known.map((each) => each.id)),
    };
  });
  if (file === undefined || model.format === 'platform')
    throw new AppError(
      'unprocessable',
      `The model "${model.name}" was not imported from a file; its statuses are at GET /api/threats.`,
    );
  if (fileHash(file) !== model.fileHash)
    throw new AppError(
      'model-changed',
      `The file kept for "${model.name}" is not the one imported last. Import the file again, then ask for it.`,
    );
  const parsed = await reader.read(file);
  const edits = rematchByKey(threats, parsed.threats).map(({ known, incoming }) =>
    editOf(incoming.key, known, issueUrl(known, links)),
  );
  const { bytes, unwritten } = await reader.patch(model.format, file, edits);
  return { bytes, unwritten, original: file, fileName: fileNameOf(model) };
}

function editOf(key: string, threat: Threat, url: string | undefined): StatusEdit {
  const mitigations = Object.fromEntries(threat.mitigations.map((each) => [each.key, each.status]));
  return { key, status: threat.status, mitigations, ...(url === undefined ? {} : { issueUrl: url }) };
}

/** The oldest issue that is bound to the threat. */
function issueUrl(threat: Threat, links: readonly Link[]): string | undefined {
  return links
    .filter((each) => each.threatId === threat.id && each.role === 'threat' && each.issue !== undefined)
    .filter((each) => each.state !== 'detached' && each.state !== 'issue-gone')
    .toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1))[0]?.issue?.url;
}

/** The last part of its path, else its name; only characters that are safe in a header and in any file system. */
function fileNameOf(model: ThreatModel): string {
  const ending = model.format === 'threat-composer' ? '.tc.json' : '.json';
  const base = model.source.path?.split(/[/\\]/).at(-1) ?? `${model.name}${ending}`;
  const safe = base.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  return safe === '' ? `model${ending}` : safe;
}
