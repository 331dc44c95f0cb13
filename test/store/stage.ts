import type { Store } from '../../src/ports/store.ts';
import type { Engine } from '../../src/store/engine.ts';
import type { OpenStore } from '../../src/store/open.ts';
import type { Roles } from '../../src/store/roles.ts';

/** One store, opened for the suites. */
export interface Stage {
  store: Store;
  /** Until the store's clock has gone on by so much. */
  passes(ms: number): Promise<void>;
  /** Cut every open transaction from outside, and wait until it can be heard; only where transactions overlap. */
  cut?(): Promise<void>;
  close(): Promise<void>;
}

/** A store on a database: what its roles may do can be asked of the database itself. */
export interface SqlStage extends Stage {
  store: OpenStore;
  sql: { engine: Engine; roles: Roles };
}

/** What a suite works on: opened once for all, every test takes a tenant of its own. */
export type Given<S extends Stage = Stage> = () => S;

export interface TestEngine<S extends Stage = Stage> {
  name: 'PGlite' | 'PostgreSQL' | 'memory';
  skip: string | false;
  /** Transactions run side by side. */
  overlaps: boolean;
  open(): Promise<S>;
}
