import type { OpenPlayStore } from '../play-store.ts';
import { openMemoryInTurn } from './memory-in-turn.ts';
import { openOnPglite, openOnPostgres } from './virtual-database.ts';
import type { Addresses } from './virtual-database.ts';

/** A store to play on, one transaction at a time. */
export type StoreKind = { name: 'memory' } | { name: 'PGlite' } | ({ name: 'PostgreSQL' } & Addresses);

export async function openKind(kind: StoreKind): Promise<OpenPlayStore> {
  switch (kind.name) {
    case 'memory':
      return openMemoryInTurn;
    case 'PGlite':
      return openOnPglite();
    case 'PostgreSQL':
      return openOnPostgres(kind);
  }
}
