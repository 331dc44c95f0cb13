import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = join(import.meta.dirname, '..', 'clients', 'node_modules');

/** Why a test of other people's clients is skipped; false where they are installed. */
export const withoutClients: string | false = existsSync(FOLDER)
  ? false
  : 'needs the clients of test/clients: cd test/clients && npm ci';

/** Loads a file of a package of `test/clients`; the caller checks what it gets. */
export function loadClient(packageName: string, file: string): Promise<unknown> {
  return import(pathToFileURL(join(FOLDER, packageName, file)).href);
}
