import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** One connection, for migrations: several statements in one call, or one with parameters. */
export interface Session {
  run(script: string): Promise<void>;
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What differs between PGlite and PostgreSQL. */
export interface Engine {
  /** For transactions of one tenant. */
  db: Kysely<Tables>;
  /** For webhooks, leases and events: on a server, connections that tenants cannot use up. */
  dispatch: Kysely<Tables>;
  durability: 'process crash' | 'fsync';
  /** One transaction on a connection of its own. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
