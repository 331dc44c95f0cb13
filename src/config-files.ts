import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the configuration reads from disk. */
export interface ConfigFiles {
  /** The text of a file; throws when it cannot be read. */
  read(path: string): string;
  /** A value of 64 hex characters that is made at the first call and the same ever after. */
  keep(directory: string, name: string): { value: string; path: string; isNew: boolean };
}

/** The real ones. Kept values are readable by their owner only. */
export const diskFiles: ConfigFiles = {
  read: (path) => readFileSync(path, 'utf8'),
  keep(directory, name) {
    const folder = join(directory, 'development-secrets');
    const path = join(folder, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      const value = randomBytes(32).toString('hex');
      writeFileSync(path, `${value}\n`, { mode: 0o600, flag: 'wx' });
      return { value, path, isNew: true };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      return { value: readFileSync(path, 'utf8').trim(), path, isNew: false };
    }
  },
};
