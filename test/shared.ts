import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder `shared` beside the checkout: published specifications and sample files that are not part of this repository. Tests
 * that need it skip with a message when it is not there.
 */
export function sharedFolder(): string | undefined {
  const folder = join(import.meta.dirname, '..', '..', 'shared');
  return existsSync(folder) ? folder : undefined;
}
